-- Fails if a daily view, showback, chargeback or FOCUS has another total than the allocations, or if the daily
-- facts do not count the requests, each once.
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
    -- estimates are no charges
    select
        'mart_focus',
        sum("x_BilledCostInReportingCurrency"),
        sum("x_EffectiveCostInReportingCurrency"),
        (select estimated_cost from totals)
    from {{ ref('mart_focus') }}
    union all
    -- today's lines, of closed months too: their chargeback is their ledger's
    select 'int_chargeback_lines', sum(amount), null, sum(estimated_cost)
    from {{ ref('int_chargeback_lines') }}
),

requests as (
    select
        'requests of fct_cost_daily' as relation,
        (select coalesce(sum(requests), 0) from {{ ref('fct_cost_daily') }}) as counted,
        (select coalesce(sum(requests), 0) from ({{ requests_of_days() }}) as days) as requests,
        null as billed_cost,
        null as effective_cost,
        null as estimated_cost
)

select relation, billed_cost, effective_cost, estimated_cost
from requests
where counted <> requests
union all
select others.relation, others.billed_cost, others.effective_cost, others.estimated_cost
from others
cross join totals
where
    coalesce(others.billed_cost, 0) <> coalesce(totals.billed_cost, 0)
    or coalesce(others.effective_cost, totals.effective_cost) <> totals.effective_cost
    or coalesce(others.estimated_cost, 0) <> coalesce(totals.estimated_cost, 0)
