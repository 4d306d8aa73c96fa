-- One row per showback month with money x tier x plan: what it cost, shared cost included, and what revenue.csv says it
-- brought. A line without a plan is a row `__any__`: of the tier's plans that have no line of their own. Revenue
-- without a line is unknown and NULL. Costs of a month sum to the owners' costs of mart_showback_monthly.
with showback as (
    select * from {{ ref('mart_showback_monthly') }}
    where line_kind = 'owner'
),

spellings as (
    select * from {{ ref('int_spellings') }}
),

lines as (
    select * from {{ source('landing', 'revenue') }}
    where month in (select showback_month from showback)
),

revenue as (
    select
        lines.month as showback_month,
        {{ folded('tier_spelling', 'lines.tier') }} as tier,
        {{ folded('plan_spelling', 'lines.plan') }} as line_plan,
        sum(lines.revenue) as revenue,
        cast(sum(lines.active_users) as bigint) as active_users
    from lines
    {{ join_spellings('lines', at='lines.month', dimensions=['tier', 'plan']) }}
    group by 1, 2, 3
),

-- which row the money and the users of a plan stand on
places as (
    select
        owners.showback_month,
        owners.tier,
        owners.plan,
        case when own.tier is null and any_plan.tier is not null then '__any__' else owners.plan end as row_plan
    from (select distinct showback_month, tier, plan from showback) as owners
    left join revenue as own
        on
            owners.showback_month = own.showback_month
            and owners.tier = own.tier
            and owners.plan = own.line_plan
    left join revenue as any_plan
        on
            owners.showback_month = any_plan.showback_month
            and owners.tier = any_plan.tier
            and any_plan.line_plan is null
),

users as (
    select
        used.showback_month,
        used.tier,
        places.row_plan as plan,
        count(distinct used.used_by) as users
    from {{ ref('int_users_and_runs_daily') }} as used
    inner join places
        on
            used.showback_month = places.showback_month
            and used.tier = places.tier
            and used.plan = places.plan
    where used.used_by is not null
    group by used.showback_month, used.tier, places.row_plan
),

costs as (
    select
        showback.showback_month,
        showback.tier,
        places.row_plan as plan,
        cast(sum(showback.requests) as bigint) as requests,
        sum(showback.billed_cost) as billed_cost,
        {{ known_estimate() }} as estimated_cost,
        cast(sum(showback.unpriced_quantity) as bigint) as unpriced_quantity,
        sum(showback.shared_cost) as shared_cost
    from showback
    inner join places
        on
            showback.showback_month = places.showback_month
            and showback.tier = places.tier
            and showback.plan = places.plan
    group by showback.showback_month, showback.tier, places.row_plan
),

joined as (
    select
        coalesce(costs.showback_month, revenue.showback_month) as showback_month,
        coalesce(costs.tier, revenue.tier) as tier,
        coalesce(costs.plan, revenue.line_plan, '__any__') as plan,
        revenue.revenue,
        revenue.active_users,
        coalesce(users.users, 0) as users,
        coalesce(costs.requests, 0) as requests,
        coalesce(costs.billed_cost, 0) as billed_cost,
        case when costs.tier is null then 0 else costs.estimated_cost end as estimated_cost,
        coalesce(costs.unpriced_quantity, 0) as unpriced_quantity,
        coalesce(costs.shared_cost, 0) as shared_cost
    from costs
    full outer join revenue
        on
            costs.showback_month = revenue.showback_month
            and costs.tier = revenue.tier
            and costs.plan = coalesce(revenue.line_plan, '__any__')
    left join users
        on
            costs.showback_month = users.showback_month
            and costs.tier = users.tier
            and costs.plan = users.plan
),

totalled as (
    select
        *,
        billed_cost + estimated_cost + shared_cost as total_cost,
        sum(billed_cost + coalesce(estimated_cost, 0) + shared_cost) over (partition by showback_month) as month_cost
    from joined
),

final as (
    select
        showback_month,
        tier,
        plan,
        requests,
        users,
        active_users,
        billed_cost,
        estimated_cost,
        unpriced_quantity,
        shared_cost,
        total_cost,
        {{ basis_of_cost() }} as cost_basis,
        cast({{ percent_of(to_pico('total_cost'), to_pico('month_cost')) }} as decimal(18, 2)) as cost_share_percent,
        {{ unit_cost('total_cost', 'users') }} as cost_per_user,
        revenue,
        revenue - total_cost as margin,
        {{ signed_percent_of(to_pico('revenue - total_cost'), to_pico('revenue')) }} as margin_percent,
        '{{ var("currency") }}' as currency
    from totalled
)

select * from final
