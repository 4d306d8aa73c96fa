-- One row per showback month (the workspace's calendar) x team x feature x tier x environment x
-- plan, and one calendar row a month that leads to the billing month's total.
with allocations as (
    select
        *,
        {{ first_of_month('showback_date') }} as showback_month
    from {{ ref('fct_cost_allocations') }}
),

users as (
    select
        showback_month,
        {{ owner_columns(first='team') }},
        count(distinct used_by) as users
    from {{ ref('int_users_and_runs_daily') }}
    where used_by is not null
    group by showback_month, {{ owner_dimensions(first='team') | join(', ') }}
),

requests as (
    select
        {{ first_of_month('showback_date') }} as showback_month,
        {{ owner_columns(first='team') }},
        cast(sum(requests) as bigint) as requests,
        cast(sum(failed_requests) as bigint) as failed_requests
    from {{ ref('int_cells') }}
    group by {{ first_of_month('showback_date') }}, {{ owner_dimensions(first='team') | join(', ') }}
),

used as (
    select
        requests.*,
        users.users
    from requests
    left join users
        on
            requests.showback_month = users.showback_month
            and {{ same_owner('requests', 'users', first='team') }}
),

lines_by_owner as (
    select
        showback_month,
        {{ owner_columns(first='team') }},
        billed_cost,
        effective_cost,
        estimated_cost,
        quantity,
        list_cost,
        cast(0 as decimal(38, 12)) as shared_cost
    from allocations
    union all
    select
        {{ first_of_month('showback_date') }},
        {{ owner_columns(first='team') }},
        0,
        0,
        0,
        0,
        null,
        amount
    from {{ ref('fct_shared_cost_moves') }}
),

costs as (
    select
        showback_month,
        {{ owner_columns(first='team') }},
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        {{ known_estimate(unpriced_units()) }} as estimated_cost,
        {{ unpriced_units() }} as unpriced_quantity,
        sum(list_cost) as list_cost,
        sum(shared_cost) as shared_cost
    from lines_by_owner
    group by showback_month, {{ owner_dimensions(first='team') | join(', ') }}
),

owner_rows as (
    select
        'owner' as line_kind,
        coalesce(costs.showback_month, used.showback_month) as showback_month,
        {{ owner_of_either('costs', 'used', first='team') }},
        coalesce(costs.billed_cost, 0) as billed_cost,
        case when costs.team is null then 0 else costs.estimated_cost end as estimated_cost,
        coalesce(costs.unpriced_quantity, 0) as unpriced_quantity,
        coalesce(costs.effective_cost, 0) as effective_cost,
        costs.list_cost,
        coalesce(costs.shared_cost, 0) as shared_cost,
        coalesce(used.requests, 0) as requests,
        coalesce(used.failed_requests, 0) as failed_requests,
        coalesce(used.users, 0) as users
    from costs
    full outer join used
        on
            costs.showback_month = used.showback_month
            and {{ same_owner('costs', 'used', first='team') }}
),

-- what the two calendars put into different months
shifted as (
    select
        billing_month as showback_month,
        billed_cost,
        effective_cost,
        estimated_cost,
        case when estimated_cost is null then quantity else 0 end as unpriced_quantity
    from allocations
    where billing_month <> showback_month
    union all
    select
        showback_month,
        -billed_cost,
        -effective_cost,
        -estimated_cost,
        case when estimated_cost is null then -quantity else 0 end
    from allocations
    where billing_month <> showback_month
),

calendar_rows as (
    select
        'calendar' as line_kind,
        showback_month,
        {{ owner_or_unallocated(first='team') }},
        sum(billed_cost) as billed_cost,
        {{ known_estimate() }} as estimated_cost,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
        sum(effective_cost) as effective_cost,
        cast(null as decimal(38, 12)) as list_cost,
        cast(0 as decimal(38, 12)) as shared_cost,
        0 as requests,
        0 as failed_requests,
        0 as users
    from shifted
    group by showback_month
),

lines as (
    select * from owner_rows
    union all
    select * from calendar_rows
),

final as (
    select
        lines.*,
        {{ unit_cost('lines.billed_cost + lines.estimated_cost', 'lines.requests') }} as cost_per_request,
        {{ unit_cost('lines.billed_cost + lines.estimated_cost', 'lines.users') }} as cost_per_user,
        lines.billed_cost + lines.estimated_cost
        - case when before.team is null then 0 else before.billed_cost + before.estimated_cost end
            as cost_change
    from lines
    left join lines as before
        on
            lines.line_kind = before.line_kind
            and before.showback_month = cast(lines.showback_month - interval 1 month as date)
            and {{ same_owner('lines', 'before', first='team') }}
)

select * from final
