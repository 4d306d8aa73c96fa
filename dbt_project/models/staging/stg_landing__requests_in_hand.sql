-- Landed requests of current objects, in the files of the days that are built now.
{{ landed_requests(source('landing', 'requests_in_hand')) }}
