-- One row per provider, account and month: what the invoices say is payable, for usage and for
-- commitments, and how much of usage is tax and credit; NULL where none says, `unsaid` where one does not. A month whose bill has
-- money needs an invoice of usage, one with seats alone of seats: a payment for a commitment is not the month's. What
-- tops a balance up is never tied to usage; what usage took from it is (stg_reference__invoices), and
-- free_pico is how much of the credit it had been granted. Of own capacity the monthly cost is the invoice, unless invoices.csv
-- has one. An invoice that covers `all` is of other services, too: foreign_pico is what the bill's own rows say of
-- them, and so is its tax and credit; where the bill has none of them it is no invoice here. Amounts are as on paper, in the currency of the month's bill; rows in another one are left out.
with currencies as (
    select * from {{ ref('int_billing_currencies') }}
),

foreign_services as (
    select
        provider,
        billing_account,
        billing_month,
        billing_currency,
        {{ to_pico('sum(billed_cost_in_billing_currency)') }} as foreign_pico
    from {{ ref('stg_landing__foreign_charges') }}
    group by provider, billing_account, billing_month, billing_currency
),

invoices as (
    select
        invoices.*,
        currencies.rate_pico,
        currencies.fx_rate_id,
        coalesce(invoices.covers, 'ai') = 'all' as is_whole,
        foreign_services.foreign_pico,
        invoices.kind = 'seats' as is_of_seats,
        {{ to_pico('invoices.amount - coalesce(invoices.tax, 0) - coalesce(invoices.credits, 0)') }} as net_pico
    from {{ ref('stg_reference__invoices') }} as invoices
    left join currencies
        on
            invoices.provider = currencies.provider
            and invoices.billing_account = currencies.billing_account
            and invoices.billing_month = currencies.billing_month
    left join foreign_services
        on
            invoices.provider = foreign_services.provider
            and invoices.billing_account = foreign_services.billing_account
            and invoices.billing_month = foreign_services.billing_month
            and invoices.currency = foreign_services.billing_currency
    where
        invoices.is_payable
        and {{ is_convertible('invoices.currency', 'currencies') }}
        and (coalesce(invoices.covers, 'ai') = 'ai' or foreign_services.foreign_pico is not null)
),

bills as (
    select
        provider,
        billing_account,
        billing_month,
        bool_or(coalesce(charge_kind, '') not in ('seats', 'overage')) as has_usage
    from {{ ref('int_bill_charges') }}
    where billed_pico <> 0
    group by provider, billing_account, billing_month
),

summed as (
    select
        provider,
        billing_account,
        billing_month,
        string_agg(invoice_id, ' ' order by invoice_id nulls last) as invoice_id,
        max(currency) as currency,
        max(rate_pico) as rate_pico,
        max(fx_rate_id) as fx_rate_id,
        {{ to_pico('sum(amount)') }} as invoice_pico,
        coalesce(max(foreign_pico) filter (where is_whole), 0) as foreign_pico,
        {{ to_pico('sum(tax) filter (where not is_payment and not is_whole)') }} as tax_pico,
        {{ to_pico('sum(credits) filter (where not is_payment and not is_whole)') }} as credit_pico,
        {{ to_pico("coalesce(sum(credits) filter (where kind = 'drawdown'), 0)") }} as free_pico,
        {%- for part in ['tax', 'credits'] %}
        bool_or({{ part }} is null or is_whole) filter (where not is_payment) as {{ part }}_unsaid,
        {%- endfor %}
        {%- for part in ['amount', 'tax', 'credits'] %}
        {{ to_pico('coalesce(sum(' ~ part ~ ') filter (where is_payment), 0)') }} as payments_{{ part }}_pico,
        {%- endfor %}
        -- in the workspace's currency, as int_commitment_charges has them
        cast(
            coalesce(sum({{ converted('net_pico', 'rate_pico') }}) filter (where is_payment), 0) as decimal(38, 0)
        ) as payments_reporting_pico,
        bool_and(is_of_balance) as is_of_balance_alone,
        bool_and(is_payment) as is_payments_only,
        bool_and(is_payment or is_of_seats) as is_without_usage
    from invoices
    group by provider, billing_account, billing_month
),

paper as (
    select {{ all_but('is_payments_only, is_without_usage', of='summed') }}
    from summed
    left join bills
        on
            summed.provider = bills.provider
            and summed.billing_account = bills.billing_account
            and summed.billing_month = bills.billing_month
    where
        bills.billing_month is null
        or not summed.is_without_usage
        or not (bills.has_usage or summed.is_payments_only)
),

capacity as (
    select * from {{ ref('int_capacity_invoices') }}
),

final as (
    select * from paper
    union all
    select
        capacity.provider,
        capacity.billing_account,
        capacity.billing_month,
        capacity.invoice_id,
        capacity.currency,
        cast(null as decimal(38, 0)) as rate_pico,
        cast(null as varchar) as fx_rate_id,
        capacity.invoice_pico,
        cast(0 as decimal(38, 0)) as foreign_pico,
        cast(null as decimal(38, 0)) as tax_pico,
        cast(null as decimal(38, 0)) as credit_pico,
        cast(0 as decimal(38, 0)) as free_pico,
        true as tax_unsaid,
        true as credits_unsaid,
        cast(0 as decimal(38, 0)) as payments_amount_pico,
        cast(0 as decimal(38, 0)) as payments_tax_pico,
        cast(0 as decimal(38, 0)) as payments_credits_pico,
        cast(0 as decimal(38, 0)) as payments_reporting_pico,
        false as is_of_balance_alone
    from capacity
    left join paper
        on
            capacity.provider = paper.provider
            and capacity.billing_account = paper.billing_account
            and capacity.billing_month = paper.billing_month
    where paper.invoice_id is null
)

select * from final
