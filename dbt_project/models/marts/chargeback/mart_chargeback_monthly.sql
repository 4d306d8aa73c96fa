-- One row per billing month x provider x billing account x team x cost centre x held or not: what the team is charged of
-- an account's invoice. Direct cost is money that requests explain, residual cost what none explains under
-- the owner of its credential; the rest stays with __unallocated__. total = direct + residual + shared +
-- correction + timing. With the basis `effective`, timing is what the account's invoices of the month have
-- more or less than the teams' amortised money: one line of __unallocated__, so that the month is the
-- invoices'. The team's name is its last one on that row. A closed month is what its ledger says; what became
-- of it since is corrected in the first month that is open. What a team disputes is a line of its own, `held`, and is
-- taken from the team's other line: both are the account's invoice. recovered_cost is what the team is charged by
-- rate_card.csv, total_cost without a price; of what is on hold, its share by money of the feature's.
with lines as not materialized (
    select * from {{ ref('int_chargeback_lines') }}
),

closed_months as (
    select * from {{ source('ledger', 'closed_months') }}
),

accrued_months as (
    select * from {{ source('ledger', 'accrued_months') }}
),

closed as (
    select * from {{ source('ledger', 'closed_chargeback') }}
),

corrections as (
    select * from {{ ref('int_corrections') }}
    where status = 'posts'
),

holds as (
    select * from {{ ref('mart_disputes') }}
    where amount <> 0 and posting_month not in (select billing_month from closed_months)
),

phases as (
    select * from {{ ref('mart_chargeback_phases') }}
),

recoveries as (
    select
        billing_month,
        provider,
        billing_account,
        team,
        cost_center,
        feature,
        cast(sum({{ to_pico('recovered_cost') }} - {{ to_pico('total_cost') }}) as decimal(38, 0)) as recovery_pico
    from {{ ref('mart_recovery_monthly') }}
    where recovered_cost is not null and billing_month not in (select billing_month from closed_months)
    group by billing_month, provider, billing_account, team, cost_center, feature
),

incomplete_months as (
    select distinct billing_month from {{ ref('mart_month_completeness') }}
    where is_incomplete
),

-- of what is true of a month the first says its status
months as (
    select
        reconciliation.billing_month,
        case
            when count(*) filter (where reconciliation.unexplained <> 0) > 0 then 'not_tied'
            when count(incomplete_months.billing_month) > 0 then 'incomplete'
            when
                count(*) filter (
                    where
                        reconciliation.invoice_status = 'missing'
                        or coalesce(reconciliation.estimated_cost, 1) <> 0
                ) > 0
                then case when count(accrued_months.billing_month) > 0 then 'accrued' else 'estimated' end
            when count(accrued_months.billing_month) > 0 then 'soft_closed'
            else 'billed'
        end as status
    from {{ ref('mart_reconciliation_monthly') }} as reconciliation
    left join incomplete_months on reconciliation.billing_month = incomplete_months.billing_month
    left join accrued_months on reconciliation.billing_month = accrued_months.billing_month
    group by reconciliation.billing_month
),

charged as (
    select
        billing_month,
        provider,
        billing_account,
        team,
        team_name,
        named_from,
        cost_center,
        component,
        amount,
        estimated_cost,
        quantity,
        false as is_held
    from lines
    where billing_month not in (select billing_month from closed_months)
    union all
    select
        posting_month,
        provider,
        billing_account,
        team,
        null,
        null,
        cost_center,
        'correction',
        {{ from_pico('amount_pico') }},
        0,
        0,
        false
    from corrections
    {%- for sign, is_held in [('-', 'false'), ('', 'true')] %}
    union all
    select
        posting_month,
        provider,
        billing_account,
        team,
        team_name,
        timestamp '0001-01-01',
        cost_center,
        component,
        {{ sign }}amount,
        0,
        0,
        {{ is_held }}
    from holds
    {%- endfor %}
),

cost_of_features as (
    select
        recoveries.billing_month,
        recoveries.provider,
        recoveries.billing_account,
        recoveries.team,
        recoveries.cost_center,
        recoveries.feature,
        recoveries.recovery_pico,
        {{ to_pico('abs(sum(lines.amount))') }} as cost_pico
    from recoveries
    inner join lines
        on
            recoveries.billing_month = lines.billing_month
            and recoveries.provider = lines.provider
            and recoveries.billing_account is not distinct from lines.billing_account
            and recoveries.team = lines.team
            and recoveries.cost_center = lines.cost_center
            and recoveries.feature = lines.feature
    group by all
),

held_of_features as (
    select
        posting_month,
        provider,
        billing_account,
        team,
        cost_center,
        feature,
        cast(abs(sum({{ to_pico('amount') }})) as decimal(38, 0)) as held_pico
    from holds
    where component <> 'correction'
    group by posting_month, provider, billing_account, team, cost_center, feature
),

recovered_features as (
    select
        cost_of_features.*,
        case
            when held_of_features.held_pico is null or cost_of_features.cost_pico = 0 then 0
            else
                case when recovery_pico < 0 then -1 else 1 end
                * {{ split_floor(
                    'abs(recovery_pico)', 'least(held_pico, cost_pico)', 'greatest(cost_pico, 1)'
                ) }}
        end as held_recovery_pico
    from cost_of_features
    left join held_of_features
        on
            cost_of_features.billing_month = held_of_features.posting_month
            and cost_of_features.provider = held_of_features.provider
            and cost_of_features.billing_account is not distinct from held_of_features.billing_account
            and cost_of_features.team = held_of_features.team
            and cost_of_features.cost_center = held_of_features.cost_center
            and cost_of_features.feature = held_of_features.feature
),

recovered as (
    {%- for amount, is_held in [('recovery_pico - held_recovery_pico', 'false'), ('held_recovery_pico', 'true')] %}
    select
        billing_month,
        provider,
        billing_account,
        team,
        cost_center,
        {{ is_held }} as is_held,
        {{ from_pico('sum(' ~ amount ~ ')') }} as recovery_cost
    from recovered_features
    group by billing_month, provider, billing_account, team, cost_center
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

summed as (
    select
        billing_month,
        provider,
        billing_account,
        team,
        max_by(team_name, named_from) as team_name,
        cost_center,
        is_held,
        {%- for component in ['direct', 'residual', 'shared', 'correction', 'timing'] %}
        coalesce(sum(amount) filter (where component = '{{ component }}'), 0) as {{ component }}_cost,
        {%- endfor %}
        {{ known_estimate(unpriced_units()) }} as estimated_cost,
        {{ unpriced_units() }} as unpriced_quantity
    from charged
    group by billing_month, provider, billing_account, team, cost_center, is_held
),

final as (
    select
        summed.billing_month,
        summed.provider,
        summed.billing_account,
        summed.team,
        summed.team_name,
        summed.cost_center,
        summed.direct_cost,
        summed.residual_cost,
        summed.shared_cost,
        summed.correction_cost,
        summed.timing_cost,
        summed.direct_cost + summed.residual_cost + summed.shared_cost + summed.correction_cost
        + summed.timing_cost as total_cost,
        summed.estimated_cost,
        summed.unpriced_quantity,
        summed.direct_cost + summed.residual_cost + summed.shared_cost + summed.correction_cost
        + summed.timing_cost + coalesce(recovered.recovery_cost, 0) as recovered_cost,
        '{{ var("currency") }}' as currency,
        coalesce(phases.phase, '{{ var("phases")[0] }}') as phase,
        case when summed.is_held then 'held' else months.status end as status
    from summed
    inner join months on summed.billing_month = months.billing_month
    left join recovered
        on
            summed.billing_month = recovered.billing_month
            and summed.provider = recovered.provider
            and summed.billing_account is not distinct from recovered.billing_account
            and summed.team = recovered.team
            and summed.cost_center = recovered.cost_center
            and summed.is_held = recovered.is_held
    left join phases
        on summed.billing_month = phases.billing_month and lower(summed.team) = lower(phases.team)
    union all
    select
        billing_month,
        provider,
        billing_account,
        team,
        team_name,
        cost_center,
        direct_cost,
        residual_cost,
        shared_cost,
        correction_cost,
        timing_cost,
        total_cost,
        estimated_cost,
        unpriced_quantity,
        -- a ledger of an earlier release has no prices
        coalesce(recovered_cost, total_cost),
        currency,
        phase,
        status
    from closed
)

select * from final
