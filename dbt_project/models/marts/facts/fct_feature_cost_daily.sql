{{ config(materialized='view') }}
-- One row per day x feature x provider x model x cost basis, residual rows included.
with daily as (
    select * from {{ ref('fct_cost_daily') }}
),

final as (
    select
        usage_date,
        feature,
        provider,
        model,
        cost_basis,
        {{ daily_measures() }}
    from daily
    group by usage_date, feature, provider, model, cost_basis
)

select * from final
