-- One row per provider, account and month: what the usage invoices say is payable, and how much of
-- it is tax and credit; NULL where they do not say. Prepaid rows are balances and never tied to usage.
-- Of own capacity the monthly cost is the invoice, unless invoices.csv has one.
with invoices as (
    select * from {{ ref('stg_reference__invoices') }}
    where coalesce(kind, 'usage') = 'usage'
),

summed as (
    select
        provider,
        billing_account,
        billing_month,
        string_agg(invoice_id, ' ' order by invoice_id) as invoice_id,
        max(currency) as currency,
        {{ to_pico('sum(amount)') }} as invoice_pico,
        {{ to_pico('sum(tax)') }} as tax_pico,
        {{ to_pico('sum(credits)') }} as credit_pico
    from invoices
    group by provider, billing_account, billing_month
),

capacity as (
    select * from {{ ref('int_capacity_invoices') }}
),

final as (
    select * from summed
    union all
    select
        capacity.provider,
        capacity.billing_account,
        capacity.billing_month,
        capacity.invoice_id,
        capacity.currency,
        capacity.invoice_pico,
        cast(null as decimal(38, 0)) as tax_pico,
        cast(null as decimal(38, 0)) as credit_pico
    from capacity
    left join summed
        on
            capacity.provider = summed.provider
            and capacity.billing_account = summed.billing_account
            and capacity.billing_month = summed.billing_month
    where summed.invoice_id is null
)

select * from final
