-- One row per provider, account and month: what the usage invoices say is payable, and how much of
-- it is tax and credit; NULL where they do not say. Prepaid rows are balances and never tied to usage.
with invoices as (
    select * from {{ ref('stg_reference__invoices') }}
    where coalesce(kind, 'usage') = 'usage'
),

final as (
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
)

select * from final
