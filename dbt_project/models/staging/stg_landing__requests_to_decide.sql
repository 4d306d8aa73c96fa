-- Landed requests of current objects, in the files of the days whose records are decided now.
{{ landed_requests(source('landing', 'requests_to_decide')) }}
