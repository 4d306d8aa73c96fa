-- Landed requests of current objects, of all that ever landed.
{{ landed_requests(source('landing', 'requests')) }}
