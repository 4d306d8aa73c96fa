-- One row per line of a month's chargeback (team, feature, account, cost centre, component) that disputes.csv puts on
-- hold, or that a hold ends on, x posting month; and one per dispute that nothing is held of. A line of an open month is
-- held in that month; one of a month that closed without it, and what a dispute that is resolved had held, is a
-- correction of the first open month. All of a line is held, or its share of the amount that is disputed.
-- Held by closed months stays as their ledger has it.
with disputes as (
    select
        month as billing_month,
        team_id,
        feature,
        {{ to_pico('amount') }} as disputed_pico,
        opened_at,
        reason,
        resolved_at,
        outcome,
        line as dispute_key
    from {{ source('landing', 'disputes') }}
),

closed_months as (
    select * from {{ source('ledger', 'closed_months') }}
),

closed_lines as (
    select * from {{ source('ledger', 'closed_lines') }}
),

closed_holds as (
    select * from {{ source('ledger', 'closed_holds') }}
),

lines as (
    select * from {{ ref('int_chargeback_lines') }}
),

-- the first month that is open after those that are closed
posting_months as (
    select min(billing_month) as posting_month
    from {{ ref('mart_reconciliation_monthly') }}
    where billing_month > (select max(billing_month) from closed_months)
),

-- what the ledger holds of a line, all months together
held_before as (
    select
        billing_month,
        provider,
        billing_account,
        team,
        cost_center,
        feature,
        max(team_name) as team_name,
        cast(sum({{ to_pico('amount') }}) as decimal(38, 0)) as held_pico
    from closed_holds
    group by billing_month, provider, billing_account, team, cost_center, feature
    having sum({{ to_pico('amount') }}) <> 0
),

charged as (
    select
        lines.billing_month,
        lines.provider,
        lines.billing_account,
        lines.team,
        lines.team_name,
        lines.cost_center,
        lines.feature,
        lines.component,
        lines.amount,
        disputes.dispute_key,
        disputes.disputed_pico,
        lines.billing_month as posting_month
    from disputes
    inner join lines
        on
            disputes.billing_month = lines.billing_month
            and lower(disputes.team_id) = lower(lines.team)
            and (disputes.feature is null or lower(disputes.feature) = lower(lines.feature))
    where
        disputes.resolved_at is null
        and disputes.billing_month not in (select billing_month from closed_months)
    union all
    select
        closed_lines.billing_month,
        closed_lines.provider,
        closed_lines.billing_account,
        closed_lines.team,
        closed_lines.team_name,
        closed_lines.cost_center,
        closed_lines.feature,
        'correction',
        closed_lines.amount,
        disputes.dispute_key,
        disputes.disputed_pico,
        posting_months.posting_month
    from disputes
    inner join closed_lines
        on
            disputes.billing_month = closed_lines.billing_month
            and lower(disputes.team_id) = lower(closed_lines.team)
            and (disputes.feature is null or lower(disputes.feature) = lower(closed_lines.feature))
    cross join posting_months
    where
        disputes.resolved_at is null
        and (closed_lines.billing_month, closed_lines.team, closed_lines.feature) not in (
            select (billing_month, team, feature) from held_before
        )
),

disputed_lines as (
    select
        billing_month,
        provider,
        billing_account,
        team,
        cost_center,
        feature,
        component,
        dispute_key,
        posting_month,
        max(team_name) as team_name,
        max(disputed_pico) as disputed_pico,
        cast(sum({{ to_pico('amount') }}) as decimal(38, 0)) as line_pico,
        concat_ws('|', provider, billing_account, team, cost_center, feature, component) as line_key
    from charged
    group by
        billing_month,
        provider,
        billing_account,
        team,
        cost_center,
        feature,
        component,
        dispute_key,
        posting_month
),

weighed as (
    select
        *,
        abs(line_pico) as line_weight,
        cast(sum(line_pico) over (partition by dispute_key) as decimal(38, 0)) as charged_pico,
        cast(sum(abs(line_pico)) over (partition by dispute_key) as decimal(38, 0)) as charged_weight
    from disputed_lines
),

in_part as (
    select
        *,
        case when charged_pico < 0 then -disputed_pico else disputed_pico end as to_hold_pico
    from weighed
    where disputed_pico < abs(charged_pico)
),

split_holds as (
    {{ split_exactly(
        'in_part', 'to_hold_pico', 'line_weight', 'charged_weight', 'dispute_key', 'line_key', 'held_pico'
    ) }}
),

holds as (
    select
        billing_month,
        posting_month,
        provider,
        billing_account,
        team,
        team_name,
        cost_center,
        feature,
        component,
        held_pico
    from split_holds
    union all
    select
        billing_month,
        posting_month,
        provider,
        billing_account,
        team,
        team_name,
        cost_center,
        feature,
        component,
        line_pico
    from weighed
    where coalesce(disputed_pico >= abs(charged_pico), true)
    union all
    -- somebody has said how it was resolved
    select
        held_before.billing_month,
        posting_months.posting_month,
        held_before.provider,
        held_before.billing_account,
        held_before.team,
        held_before.team_name,
        held_before.cost_center,
        held_before.feature,
        'correction',
        -held_before.held_pico
    from held_before
    inner join disputes
        on
            held_before.billing_month = disputes.billing_month
            and lower(held_before.team) = lower(disputes.team_id)
            and (disputes.feature is null or lower(held_before.feature) = lower(disputes.feature))
    cross join posting_months
    where disputes.resolved_at is not null
),

both_kinds as (
    select
        billing_month,
        posting_month,
        provider,
        billing_account,
        team,
        team_name,
        cost_center,
        feature,
        component,
        {{ from_pico('held_pico') }} as amount,
        case
            when posting_month is null then 'no_open_month'
            when billing_month = posting_month then 'held'
            else 'posts'
        end as status
    from holds
    where held_pico <> 0
    union all
    select
        billing_month,
        posting_month,
        provider,
        billing_account,
        team,
        team_name,
        cost_center,
        feature,
        component,
        amount,
        'posted'
    from closed_holds
),

final as (
    select
        coalesce(both_kinds.billing_month, disputes.billing_month) as billing_month,
        both_kinds.posting_month,
        both_kinds.provider,
        both_kinds.billing_account,
        coalesce(both_kinds.team, disputes.team_id) as team,
        both_kinds.team_name,
        both_kinds.cost_center,
        coalesce(both_kinds.feature, disputes.feature) as feature,
        both_kinds.component,
        coalesce(both_kinds.amount, 0) as amount,
        case
            when both_kinds.status is not null then both_kinds.status
            when disputes.resolved_at is not null then 'resolved'
            else 'no_line'
        end as status,
        disputes.reason,
        disputes.opened_at,
        disputes.resolved_at,
        disputes.outcome,
        '{{ var("currency") }}' as currency
    from both_kinds
    full join disputes
        on
            both_kinds.billing_month = disputes.billing_month
            and lower(both_kinds.team) = lower(disputes.team_id)
            and (disputes.feature is null or lower(both_kinds.feature) = lower(disputes.feature))
)

select * from final
