-- One row per usage date x feature x kind of waste: requests that were paid for nothing, at their cost by contract, else
-- by list. A request counts once, under the first kind that it is, so kinds add up.
with usage as (
    select * from {{ ref('int_unit_usage_daily') }}
),

kinds as (
    {%- for kind in waste_kinds() %}
    select
        usage_date,
        feature,
        '{{ kind }}' as waste_kind,
        requests_{{ kind }} as wasted_requests,
        requests,
        hashed_requests,
        {{ from_pico('pico_' ~ kind) }} as wasted_cost,
        {{ from_pico('cost_pico') }} as contracted_cost,
        unpriced_{{ kind }} as requests_unpriced
    from usage
    where requests_{{ kind }} > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        usage_date,
        feature,
        waste_kind,
        wasted_requests,
        requests,
        cast({{ percent_of('wasted_requests', 'requests') }} as decimal(18, 2)) as wasted_percent,
        case when requests_unpriced < wasted_requests or wasted_cost > 0 then wasted_cost end as wasted_cost,
        requests_unpriced,
        contracted_cost,
        hashed_requests,
        '{{ var("currency") }}' as currency
    from kinds
)

select * from final
