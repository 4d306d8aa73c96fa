-- One row per charge: the bill's rows, own capacity, and what only the invoice knows, payments for
-- commitments included. Both currencies stand side by side; the rate is 1 while a workspace has one.
with bill_charges as (
    select * from {{ ref('int_bill_charges') }}
),

invoice_charges as (
    select * from {{ ref('int_invoice_charges') }}
),

capacity_charges as (
    select * exclude (owner_team, pool) from {{ ref('int_capacity_charges') }}
),

commitment_charges as (
    select * exclude (owner_team) from {{ ref('int_commitment_charges') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

charges as (
    select * from bill_charges
    union all by name
    select * from invoice_charges
    union all by name
    select * from capacity_charges
    union all by name
    select * from commitment_charges
),

final as (
    select
        charges.* exclude (invoice_id),
        coalesce(charges.invoice_id, invoices.invoice_id) as invoice_id,
        'identity' as fx_rate_id
    from charges
    left join invoices
        on
            charges.provider = invoices.provider
            and charges.billing_account = invoices.billing_account
            and charges.billing_month = invoices.billing_month
)

select * from final
