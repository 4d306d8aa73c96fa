-- Fails if a daily view, showback or chargeback has another total than the allocations.
with totals as (
    select
        'fct_cost_allocations' as relation,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        coalesce(sum(estimated_cost), 0) as estimated_cost
    from {{ ref('fct_cost_allocations') }}
),

others as (
    {%- for relation in [
        'fct_cost_daily', 'fct_feature_cost_daily', 'fct_team_cost_daily', 'fct_tier_cost_daily'
    ] %}
    select
        '{{ relation }}' as relation,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(estimated_cost) as estimated_cost
    from {{ ref(relation) }}
    union all
    {%- endfor %}
    select 'mart_showback_monthly', sum(billed_cost), sum(effective_cost), sum(estimated_cost)
    from {{ ref('mart_showback_monthly') }}
    union all
    select 'mart_chargeback_monthly', sum(total_cost), null, sum(estimated_cost)
    from {{ ref('mart_chargeback_monthly') }}
)

select others.*
from others
cross join totals
where
    coalesce(others.billed_cost, 0) <> coalesce(totals.billed_cost, 0)
    or coalesce(others.effective_cost, totals.effective_cost) <> totals.effective_cost
    or coalesce(others.estimated_cost, 0) <> coalesce(totals.estimated_cost, 0)
