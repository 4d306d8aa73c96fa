-- One row per closed month x provider x billing account x team x cost centre x feature x reason x part x
-- status x posting month: what the ledger has more or less than is known now. Posted corrections stand in the ledger
-- of their posting month; others post there when it closes, or wait, as their status says.
with corrections as (
    select * from {{ ref('int_corrections') }}
),

posted as (
    select * from {{ source('ledger', 'posted_corrections') }}
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
        reason,
        part,
        {{ from_pico('amount_pico') }} as amount,
        status
    from corrections
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
        reason,
        part,
        amount,
        'posted'
    from posted
),

final as (
    select
        billing_month,
        posting_month,
        provider,
        billing_account,
        team,
        max(team_name) as team_name,
        cost_center,
        feature,
        reason,
        part,
        status,
        sum(amount) as amount,
        '{{ var("currency") }}' as currency
    from both_kinds
    group by
        billing_month,
        posting_month,
        provider,
        billing_account,
        team,
        cost_center,
        feature,
        reason,
        part,
        status
)

select * from final
where amount <> 0
