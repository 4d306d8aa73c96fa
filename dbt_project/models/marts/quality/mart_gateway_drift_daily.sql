-- One row per usage date x gateway x provider x model: what the gateway claims beside the list price,
-- and the difference by cause. A gateway that never claims anything has no rows: there is nothing
-- to compare. In the drift of the others a request without a claim counts as a claim of 0, one
-- without a price as a list cost of 0; as amounts of their own both are unknown.
with by_day as (
    select * from {{ ref('int_gateway_drift') }}
),

claiming as (
    select source from by_day
    group by source
    having sum(requests_with_claim) > 0
),

final as (
    select
        by_day.usage_date,
        by_day.source,
        by_day.provider,
        by_day.model,
        by_day.requests,
        by_day.requests_with_claim,
        by_day.requests_unpriced,
        case when by_day.requests_with_claim > 0 then {{ from_pico('by_day.gateway_cost_pico') }} end
            as gateway_cost,
        case
            when by_day.requests_unpriced < by_day.requests then {{ from_pico('by_day.list_cost_pico') }}
        end as list_cost,
        {{ from_pico('by_day.gateway_cost_pico - by_day.list_cost_pico') }} as drift
        {%- for cause in var('drift_causes') %},
        {{ from_pico('by_day.' ~ cause ~ '_pico') }} as {{ cause }}
        {%- endfor %}
    from by_day
    inner join claiming on by_day.source = claiming.source
)

select * from final
