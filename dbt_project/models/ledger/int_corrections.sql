-- One row per charge of a closed month x team x cost centre x feature x part whose money is not what the
-- ledger has, corrections that later months posted included: what is to be corrected, why, and whether it
-- posts. Part `vendor` is what changes the charge's total, split as its money is now; part `owners` moves
-- the rest between owners and sums to 0 per charge. The reason is the first of what changed: usage that came
-- later, owners of usage that was there (a rule, a reference row, else Tollbook), prices, another reference row.
-- Where one of these changed in the month, usage that came later is the reason only of a charge whose cells cost
-- by their usage what they did.
with closed_months as (
    select * from {{ source('ledger', 'closed_months') }}
),

lines as (
    select * from {{ ref('int_chargeback_lines') }}
),

closed_lines as (
    select * from {{ source('ledger', 'closed_lines') }}
),

posted as (
    select * from {{ source('ledger', 'posted_corrections') }}
),

accepted as (
    select * from {{ source('ledger', 'accepted_reasons') }}
),

closed_cells as (
    select * from {{ source('ledger', 'closed_cells') }}
),

cells as (
    select * from {{ ref('int_cells') }}
),

cell_meters as (
    select * from {{ ref('int_cell_meters') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

charges_then as (
    select
        billing_month,
        charge_id,
        billed_cost_in_billing_currency
    from {{ source('ledger', 'closed_charges') }}
),

reconciliation as (
    select * from {{ ref('mart_reconciliation_monthly') }}
),

-- the first month that is open after those that are closed
posting_months as (
    select min(reconciliation.billing_month) as posting_month
    from reconciliation
    where reconciliation.billing_month > (select max(billing_month) from closed_months)
),

known as (
    select
        lines.billing_month,
        lines.provider,
        lines.billing_account,
        lines.charge_id,
        lines.cell_id,
        lines.allocation_id,
        lines.component,
        lines.meter,
        lines.quantity,
        lines.team,
        lines.team_name,
        lines.cost_center,
        lines.feature,
        {{ to_pico('lines.amount') }} as known_pico,
        0 as booked_pico
    from lines
    inner join closed_months on lines.billing_month = closed_months.billing_month
),

booked as (
    select
        billing_month,
        provider,
        billing_account,
        charge_id,
        cell_id,
        allocation_id,
        component,
        null as meter,
        0 as quantity,
        team,
        team_name,
        cost_center,
        feature,
        0 as known_pico,
        {{ to_pico('amount') }} as booked_pico
    from closed_lines
    union all
    select
        billing_month,
        provider,
        billing_account,
        charge_id,
        null,
        null,
        null,
        null,
        0,
        team,
        team_name,
        cost_center,
        feature,
        0,
        {{ to_pico('amount') }}
    from posted
),

both_sides as (
    select * from known
    union all
    select * from booked
),

compared as (
    select
        billing_month,
        provider,
        billing_account,
        charge_id,
        team,
        cost_center,
        feature,
        max(team_name) as team_name,
        cast(sum(known_pico) as decimal(38, 0)) as known_pico,
        cast(sum(booked_pico) as decimal(38, 0)) as booked_pico
    from both_sides
    group by billing_month, provider, billing_account, charge_id, team, cost_center, feature
),

charge_totals as (
    select
        billing_month,
        provider,
        billing_account,
        charge_id,
        cast(sum(known_pico) as decimal(38, 0)) as charge_known_pico,
        cast(sum(booked_pico) as decimal(38, 0)) as charge_booked_pico,
        cast(sum(abs(known_pico)) as decimal(38, 0)) as charge_weight,
        sum(abs(known_pico - booked_pico)) <> 0 as is_changed
    from compared
    group by billing_month, provider, billing_account, charge_id
),

changed as (
    select
        compared.*,
        charge_totals.charge_known_pico,
        charge_totals.charge_booked_pico,
        charge_totals.charge_weight,
        concat_ws('|', compared.team, compared.cost_center, compared.feature) as line,
        {{ key_of(['compared.billing_month', 'compared.provider', 'compared.billing_account', 'compared.charge_id']) }}
            as charge_key,
        abs(compared.known_pico) as weight
    from compared
    inner join charge_totals
        on
            compared.billing_month = charge_totals.billing_month
            and compared.provider = charge_totals.provider
            and compared.billing_account = charge_totals.billing_account
            and compared.charge_id = charge_totals.charge_id
    where charge_totals.is_changed
),

-- of a charge whose total changed: what was booked, as its money is split now
to_split as (
    select * from changed
    where charge_known_pico <> charge_booked_pico and charge_weight <> 0
),

resplit as (
    {{ split_exactly(
        'to_split', 'charge_booked_pico', 'weight', 'charge_weight', 'charge_key', 'line', 'expected_pico'
    ) }}
),

parted as (
    select
        {{ all_but('expected_pico', of='resplit') }},
        known_pico - expected_pico as vendor_pico,
        expected_pico - booked_pico as owners_pico
    from resplit
    union all
    select
        *,
        case when charge_known_pico = charge_booked_pico then 0 else known_pico - booked_pico end,
        case when charge_known_pico = charge_booked_pico then known_pico - booked_pico else 0 end
    from changed
    where charge_known_pico = charge_booked_pico or charge_weight = 0
),

{{ usage_changes_of_charges() }},

-- what changed in a month at all, for charges whose own usage did not
month_changes as (
    select
        closed_months.billing_month,
        case
            when closed_months.rules_changed then 'rule'
            when closed_months.owners_changed then 'owner'
            else 'method'
        end as owner_reason,
        case
            when closed_months.prices_changed then 'price'
            when closed_months.rules_changed then 'rule'
            when closed_months.owners_changed then 'owner'
            when closed_months.method_changed then 'method'
        end as input_reason,
        case
            when
                closed_months.billing_month in (select billing_month from usage_changes where has_moved)
                then 'method'
            when closed_months.billing_month in (select billing_month from usage_changes) then 'late_log'
            when
                closed_months.billing_month in (
                    select billing_month from charge_totals
                    where charge_known_pico <> charge_booked_pico
                )
                then 'restated_bill'
            else 'method'
        end as usage_reason
    from closed_months
),

reasoned as (
    select
        parted.billing_month,
        parted.provider,
        parted.billing_account,
        parted.charge_id,
        parted.team,
        parted.team_name,
        parted.cost_center,
        parted.feature,
        'vendor' as part,
        case
            -- entered as it was: it is worth something else
            when
                charges.fx_rate_id <> 'identity'
                and charges.billed_cost_in_billing_currency = charges_then.billed_cost_in_billing_currency
                then 'exchange_rate'
            when charges.charge_category = 'Credit' then 'credit_note'
            else 'restated_bill'
        end as reason,
        parted.vendor_pico as amount_pico
    from parted
    left join charges
        on parted.charge_id = charges.charge_id and parted.billing_month = charges.billing_month
    left join charges_then
        on parted.charge_id = charges_then.charge_id and parted.billing_month = charges_then.billing_month
    union all
    select
        parted.billing_month,
        parted.provider,
        parted.billing_account,
        parted.charge_id,
        parted.team,
        parted.team_name,
        parted.cost_center,
        parted.feature,
        'owners',
        case
            when charge_usage.has_moved then month_changes.owner_reason
            when
                charge_usage.has_moved is not null
                and (month_changes.input_reason is null or coalesce(charge_rates.are_as_before, true))
                then 'late_log'
            else coalesce(month_changes.input_reason, month_changes.usage_reason)
        end,
        parted.owners_pico
    from parted
    inner join month_changes on parted.billing_month = month_changes.billing_month
    left join charge_usage
        on
            parted.billing_month = charge_usage.billing_month
            and parted.provider = charge_usage.provider
            and parted.billing_account = charge_usage.billing_account
            and parted.charge_id = charge_usage.charge_id
    left join charge_rates
        on
            parted.billing_month = charge_rates.billing_month
            and parted.provider = charge_rates.provider
            and parted.billing_account = charge_rates.billing_account
            and parted.charge_id = charge_rates.charge_id
),

-- one team's correction is large enough, or none of the account's for this reason posts: a part of it would not balance
largest as (
    select
        billing_month,
        provider,
        billing_account,
        reason,
        max(abs(team_pico)) as largest_pico
    from (
        select billing_month, provider, billing_account, reason, team, sum(amount_pico) as team_pico
        from reasoned
        group by billing_month, provider, billing_account, reason, team
    ) as by_team
    group by billing_month, provider, billing_account, reason
),

final as (
    select
        reasoned.billing_month,
        posting_months.posting_month,
        reasoned.provider,
        reasoned.billing_account,
        reasoned.charge_id,
        reasoned.team,
        reasoned.team_name,
        reasoned.cost_center,
        reasoned.feature,
        reasoned.reason,
        reasoned.part,
        reasoned.amount_pico,
        case
            when posting_months.posting_month is null then 'no_open_month'
            when reasoned.part = 'vendor' and coalesce(reconciliation.unexplained, 1) <> 0 then 'unsupported'
            when accepted.reason is not null then 'posts'
            when not ({{ posts_by_itself('reasoned.reason') }}) then 'waits'
            when largest.largest_pico < {{ to_pico(var('corrections_from_amount')) }} then 'below_amount'
            else 'posts'
        end as status
    from reasoned
    inner join largest
        on
            reasoned.billing_month = largest.billing_month
            and reasoned.provider = largest.provider
            and reasoned.billing_account = largest.billing_account
            and reasoned.reason = largest.reason
    left join posting_months on true
    left join accepted
        on posting_months.posting_month = accepted.posting_month and reasoned.reason = accepted.reason
    left join reconciliation
        on
            reasoned.billing_month = reconciliation.billing_month
            and reasoned.provider = reconciliation.provider
            and reasoned.billing_account = reconciliation.billing_account
    where reasoned.amount_pico <> 0
)

select * from final
