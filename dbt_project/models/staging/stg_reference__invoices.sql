-- Invoices as the provider issued them; prepaid rows are balances.
with invoices as (
    select * from {{ source('landing', 'invoices') }}
),

final as (
    select
        line,
        provider,
        billing_account,
        invoice_id,
        billing_month,
        kind,
        amount,
        tax,
        credits,
        currency,
        issued_at
    from invoices
)

select * from final
