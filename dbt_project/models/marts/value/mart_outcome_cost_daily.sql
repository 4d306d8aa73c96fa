-- One row per date x feature x outcome of outcomes.csv on which the feature had a request: what an outcome cost, beside
-- how fast the feature answered and how often it failed. A feature's cost stands on the row of each of its outcomes.
with spellings as (
    select * from {{ ref('int_spellings') }}
),

lines as (
    select * from {{ source('landing', 'outcomes') }}
),

outcomes as (
    select
        lines.date as usage_date,
        {{ folded('feature_spelling', 'lines.feature') }} as feature,
        lines.outcome,
        cast(sum(lines.count) as bigint) as outcomes
    from lines
    {{ join_spellings('lines', at='lines.date', dimensions=['feature']) }}
    group by 1, 2, 3
),

final as (
    select
        outcomes.usage_date,
        outcomes.feature,
        outcomes.outcome,
        outcomes.outcomes,
        units.total_cost,
        units.cost_basis,
        {{ unit_cost('units.total_cost', 'outcomes.outcomes') }} as cost_per_outcome,
        units.error_percent,
        units.latency_p50_ms,
        units.latency_p95_ms
    from outcomes
    inner join {{ ref('mart_unit_cost_daily') }} as units
        on outcomes.usage_date = units.usage_date and outcomes.feature = units.feature
)

select * from final
