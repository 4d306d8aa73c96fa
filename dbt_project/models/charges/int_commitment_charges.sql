-- One row per payment for a commitment that an invoice charges and the bill's export does not carry: a
-- fee or prepayment (`commitment`), or a `shortfall`, net of tax and credits. Its period is the months that
-- it pays for. Its owner is the commitment's, of the line in force when they begin. billed_pico is in the
-- workspace's currency.
with currencies as (
    select * from {{ ref('int_billing_currencies') }}
),

payments as (
    select
        invoices.*,
        currencies.rate_pico,
        coalesce(currencies.fx_rate_id, 'identity') as fx_rate_id,
        {{ to_pico('invoices.amount - coalesce(invoices.tax, 0) - coalesce(invoices.credits, 0)') }}
            as billed_currency_pico
    from {{ source('landing', 'invoices') }} as invoices
    left join currencies
        on
            invoices.provider = currencies.provider
            and invoices.billing_account = currencies.billing_account
            and invoices.billing_month = currencies.billing_month
    where
        invoices.kind in ('commitment', 'shortfall')
        and {{ is_convertible('invoices.currency', 'currencies') }}
),

commitments as (
    select * from {{ source('landing', 'commitments') }}
),

spellings as (
    select * from {{ ref('int_spellings') }}
    where dimension = 'team'
),

-- a shortfall may be billed when the commitment is over: the line that was the last in force
owners as (
    select
        payments.line,
        commitments.owner,
        row_number() over (
            partition by payments.line
            order by
                commitments.valid_from <= payments.pays_from desc nulls last,
                commitments.valid_from desc nulls last
        ) as preference
    from payments
    inner join commitments
        on
            payments.provider = commitments.provider
            and payments.commitment_id = commitments.commitment_id
),

final as (
    select
        concat_ws(
            ':', 'invoice', payments.provider, payments.billing_account, payments.billing_month,
            payments.kind, payments.commitment_id, payments.invoice_id, payments.pays_from
        ) as charge_id,
        'invoices.csv' as source,
        payments.provider,
        payments.billing_account,
        payments.invoice_id,
        payments.billing_month,
        payments.commitment_id,
        cast(payments.pays_from as timestamp) as charge_period_start,
        cast(payments.pays_to as timestamp) as charge_period_end,
        case when payments.kind = 'shortfall' then 'shortfall of commitment ' else 'commitment ' end
        || payments.commitment_id as charge_description,
        'Purchase' as charge_category,
        payments.kind as charge_kind,
        payments.billed_currency_pico,
        {{ converted('payments.billed_currency_pico', 'payments.rate_pico') }} as billed_pico,
        payments.currency as billing_currency,
        payments.fx_rate_id,
        {{ folded('spellings', 'owners.owner') }} as owner_team
    from payments
    left join owners on payments.line = owners.line and owners.preference = 1
    left join spellings
        on
            lower(owners.owner) = spellings.spelling
            and spellings.valid_from <= payments.pays_from
            and payments.pays_from < spellings.valid_to
    where payments.billed_currency_pico <> 0
)

select * from final
