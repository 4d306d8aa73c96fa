-- Charges that only the invoice knows: tax and credit beyond what the bill's export carries, and
-- the rounding between the bill's rows and the invoice. Rounding exists only while it can be one:
-- half a cent a bill line, one unit of currency at most. Anything larger stays unexplained. Payments
-- for commitments are charges of their own (int_commitment_charges), their tax and credits are here.
with invoices as (
    select * from {{ ref('int_invoices') }}
),

bill_charges as (
    select provider, billing_account, billing_month, charge_category, billed_pico
    from {{ ref('int_bill_charges') }}
    union all
    select provider, billing_account, billing_month, charge_category, billed_pico
    from {{ ref('int_capacity_charges') }}
),

bill_totals as (
    select
        provider,
        billing_account,
        billing_month,
        count(*) as bill_lines,
        sum(billed_pico) filter (where charge_category = 'Tax') as tax_pico,
        sum(billed_pico) filter (where charge_category = 'Credit') as credit_pico,
        sum(billed_pico) filter (where charge_category not in ('Tax', 'Credit')) as usage_pico
    from bill_charges
    group by provider, billing_account, billing_month
),

-- an invoice that does not say how much of it is tax or credit has as much as the bill; what a payment
-- says comes on top of it
said as (
    select
        invoices.* exclude (tax_pico, credit_pico),
        coalesce(bill_totals.bill_lines, 0) as bill_lines,
        coalesce(bill_totals.usage_pico, 0) as usage_on_bill,
        coalesce(bill_totals.tax_pico, 0) as tax_on_bill,
        coalesce(bill_totals.credit_pico, 0) as credit_on_bill,
        coalesce(invoices.tax_pico, bill_totals.tax_pico, 0) + invoices.payments_tax_pico as tax_pico,
        coalesce(invoices.credit_pico, bill_totals.credit_pico, 0) + invoices.payments_credits_pico
            as credit_pico,
        invoices.payments_amount_pico - invoices.payments_tax_pico - invoices.payments_credits_pico
            as payments_pico
    from invoices
    left join bill_totals
        on
            invoices.provider = bill_totals.provider
            and invoices.billing_account = bill_totals.billing_account
            and invoices.billing_month = bill_totals.billing_month
),

compared as (
    select
        *,
        tax_pico - tax_on_bill as tax_only_on_invoice,
        credit_pico - credit_on_bill as credit_only_on_invoice,
        invoice_pico - tax_pico - credit_pico - payments_pico - usage_on_bill as difference_pico
    from said
),

lines as (
    select *, 'tax' as charge_kind, 'Tax' as charge_category, tax_only_on_invoice as billed_pico
    from compared
    union all
    select *, 'credit', 'Credit', credit_only_on_invoice
    from compared
    union all
    select *, 'rounding', 'Adjustment', difference_pico
    from compared
    where abs(difference_pico) <= least(bill_lines * 5000000000, 1000000000000)
),

final as (
    select
        'invoice:' || provider || ':' || billing_account || ':' || billing_month || ':' || charge_kind
            as charge_id,
        'invoices.csv' as source,
        provider,
        billing_account,
        cast(billing_month as timestamp) as charge_period_start,
        cast(billing_month + interval 1 month as timestamp) as charge_period_end,
        billing_month,
        invoice_id,
        charge_kind as charge_description,
        charge_category,
        charge_kind,
        billed_pico,
        currency as billing_currency
    from lines
    where billed_pico <> 0
)

select * from final
