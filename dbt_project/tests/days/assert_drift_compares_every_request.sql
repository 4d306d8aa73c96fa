-- Fails if the comparison of claims and list prices misses a request, or a cent of either, of the days that this
-- run built; or of any day a request.
with compared as (
    select * from {{ ref('int_gateway_drift') }}
    where usage_date in (select usage_date from {{ ref('int_requests') }})
),

days as (
    select usage_date, day_hash, sum(requests) as requests
    from {{ ref('int_gateway_drift') }}
    group by usage_date, day_hash
),

requests as (
    select
        usage_date,
        source,
        provider,
        model,
        count(*) as requests,
        count(gateway_cost) as requests_with_claim,
        count(*) - count(list_cost) as requests_unpriced,
        coalesce(sum(gateway_cost), 0) as gateway_cost,
        coalesce(sum(list_cost), 0) as list_cost
    from {{ written_rows('fct_requests') }} as written
    where is_tool_call is not true
    group by usage_date, source, provider, model
)

select
    requests.usage_date,
    requests.source
from requests
full outer join compared
    on
        requests.usage_date = compared.usage_date
        and requests.source = compared.source
        and requests.provider = compared.provider
        and requests.model = compared.model
where
    requests.requests is distinct from compared.requests
    or requests.requests_with_claim is distinct from compared.requests_with_claim
    or requests.requests_unpriced is distinct from compared.requests_unpriced
    or {{ to_pico('requests.gateway_cost') }} is distinct from compared.gateway_cost_pico
    or {{ to_pico('requests.list_cost') }} is distinct from compared.list_cost_pico
union all
select coalesce(day_inputs.usage_date, days.usage_date), 'every source'
from ({{ requests_of_days() }}) as day_inputs
full outer join days
    on day_inputs.usage_date = days.usage_date and day_inputs.day_hash = days.day_hash
where
    coalesce(day_inputs.requests, 0) <> coalesce(days.requests, 0)
    and coalesce(day_inputs.usage_date, days.usage_date) not in ({{ days_left() }})
