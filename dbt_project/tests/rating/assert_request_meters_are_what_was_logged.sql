-- Fails if a request's meters are not the quantities it was logged with and its fee.
with logged as (
    {%- for meter in var('meters') %}
    select request_key, '{{ meter }}' as meter, {{ meter }}_quantity as quantity
    from {{ ref('int_requests') }}
    where {{ is_billable(meter) }}
    union all
    {%- endfor %}
    -- the fee of an answered request, where the book has one in any tier
    select request_key, 'requests', 1
    from {{ ref('int_requests') }} as requests
    where
        status = 'success'
        and not {{ answered_by_gateway('cache_layer') }}
        and exists (
            select 1
            from {{ ref('int_request_fees') }} as fees
            where {{ fee_in_force('fees', 'requests') }}
        )
),

-- each once: rating_rows_are_whole
metered as (
    select * from {{ ref('int_request_meters') }}
)

select
    coalesce(logged.request_key, metered.request_key) as request_key,
    coalesce(logged.meter, metered.meter) as meter
from logged
full outer join metered
    on logged.request_key = metered.request_key and logged.meter = metered.meter
where logged.quantity is distinct from metered.quantity
