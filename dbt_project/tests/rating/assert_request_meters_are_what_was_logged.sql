-- Fails if a request's meters are not the quantities it was logged with and its fee, each once: where both sides have the
-- same, one row more of a meter is a meter told twice.
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
union all
select
    cast(all_metered.rows_metered - all_logged.rows_logged as varchar) as request_key,
    'rows more than were logged' as meter
from (select count(*) as rows_logged from logged) as all_logged
cross join (select count(*) as rows_metered from metered) as all_metered
where all_metered.rows_metered <> all_logged.rows_logged
