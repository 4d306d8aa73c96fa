-- Invoices as the provider issued them; prepaid rows are balances. Rows of kind commitment and shortfall
-- name the commitment and the months [pays_from, pays_to) that they pay for.
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
        issued_at,
        commitment_id,
        pays_from,
        pays_to
    from invoices
)

select * from final
