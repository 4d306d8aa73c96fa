-- One row per showback month with money x feature x outcome of outcomes.csv, or `__none__` where it has none: what the
-- feature cost, shared cost included, and how many of the outcome it brought. A feature's cost stands on the row of each
-- of its outcomes.
with showback as (
    select * from {{ ref('mart_showback_monthly') }}
    where line_kind = 'owner'
),

spellings as (
    select * from {{ ref('int_spellings') }}
),

lines as (
    select * from {{ source('landing', 'outcomes') }}
),

outcomes as (
    select
        {{ first_of_month('lines.date') }} as showback_month,
        {{ folded('feature_spelling', 'lines.feature') }} as feature,
        lines.outcome,
        cast(sum(lines.count) as bigint) as outcomes
    from lines
    {{ join_spellings('lines', at='lines.date', dimensions=['feature']) }}
    where {{ first_of_month('lines.date') }} in (select showback_month from showback)
    group by 1, 2, 3
),

users as (
    select
        showback_month,
        feature,
        count(distinct used_by) as users
    from {{ ref('int_users_and_runs_daily') }}
    where used_by is not null
    group by showback_month, feature
),

costs as (
    select
        showback_month,
        feature,
        cast(sum(requests) as bigint) as requests,
        sum(billed_cost) as billed_cost,
        {{ known_estimate() }} as estimated_cost,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
        sum(shared_cost) as shared_cost
    from showback
    group by showback_month, feature
),

shares as (
    select
        *,
        billed_cost + estimated_cost + shared_cost as total_cost,
        sum(billed_cost + coalesce(estimated_cost, 0) + shared_cost) over (partition by showback_month) as month_cost
    from costs
),

joined as (
    select
        coalesce(shares.showback_month, outcomes.showback_month) as showback_month,
        coalesce(shares.feature, outcomes.feature) as feature,
        coalesce(outcomes.outcome, '__none__') as outcome,
        coalesce(shares.requests, 0) as requests,
        coalesce(users.users, 0) as users,
        coalesce(shares.billed_cost, 0) as billed_cost,
        case when shares.feature is null then 0 else shares.estimated_cost end as estimated_cost,
        coalesce(shares.unpriced_quantity, 0) as unpriced_quantity,
        coalesce(shares.shared_cost, 0) as shared_cost,
        case when shares.feature is null then 0 else shares.total_cost end as total_cost,
        shares.month_cost,
        outcomes.outcomes,
        sum(outcomes.outcomes) over (
            partition by coalesce(shares.showback_month, outcomes.showback_month), outcomes.outcome
        ) as all_outcomes
    from shares
    full outer join outcomes
        on shares.showback_month = outcomes.showback_month and shares.feature = outcomes.feature
    left join users
        on shares.showback_month = users.showback_month and shares.feature = users.feature
),

final as (
    select
        showback_month,
        feature,
        outcome,
        requests,
        users,
        billed_cost,
        estimated_cost,
        unpriced_quantity,
        shared_cost,
        total_cost,
        {{ basis_of_cost() }} as cost_basis,
        cast({{ percent_of(to_pico('total_cost'), to_pico('month_cost')) }} as decimal(18, 2)) as cost_share_percent,
        {{ unit_cost('total_cost', 'users') }} as cost_per_user,
        outcomes,
        cast({{ percent_of('outcomes', 'all_outcomes') }} as decimal(18, 2)) as outcome_share_percent,
        case when requests > 0 then {{ unit_cost('total_cost', 'outcomes') }} end as cost_per_outcome,
        '{{ var("currency") }}' as currency
    from joined
)

select * from final
