-- Charges that only the invoice knows: tax and credit beyond what the bill's export carries (free credits that
-- were drawn apart from other credit), what a balance of credits costs beside usage (tax of a top-up, fees, what
-- was paid and expired), and the rounding between the bill's rows and the invoice. Rounding exists only while it can be one:
-- half a cent a bill line, one unit of currency at most; other services of an invoice of `all` are one line
-- more. Anything larger stays unexplained. Payments
-- for commitments are charges of their own (int_commitment_charges), their tax and credits are here.
-- Money is in the currency of the bill; reporting_pico of a rounding is in the workspace's, and has what
-- converting line by line leaves.
with invoices as (
    select * from {{ ref('int_invoices') }}
),

-- equal rows of one invoice are told apart by their number
of_balances as (
    select
        *,
        {{ to_pico('amount - coalesce(tax, 0) - coalesce(credits, 0)') }} as billed_pico,
        row_number() over (
            partition by provider, billing_account, billing_month, kind, invoice_id order by amount nulls last, tax nulls last
        ) as occurrence
    from {{ ref('stg_reference__invoices') }}
    where is_of_balance and is_payable
),

bill_charges as (
    select provider, billing_account, billing_month, charge_category, billing_currency, billed_pico
    from {{ ref('int_bill_charges') }}
    union all
    select provider, billing_account, billing_month, charge_category, billing_currency, billed_pico
    from {{ ref('int_capacity_charges') }}
),

bill_totals as (
    select
        bill_charges.provider,
        bill_charges.billing_account,
        bill_charges.billing_month,
        count(*) as bill_lines,
        sum(bill_charges.billed_pico) filter (where bill_charges.charge_category = 'Tax') as tax_pico,
        sum(bill_charges.billed_pico) filter (where bill_charges.charge_category = 'Credit') as credit_pico,
        sum(bill_charges.billed_pico) filter (where bill_charges.charge_category not in ('Tax', 'Credit'))
            as usage_pico,
        sum({{ converted('bill_charges.billed_pico', 'invoices.rate_pico') }}) as reporting_pico
    from bill_charges
    inner join invoices
        on
            bill_charges.provider = invoices.provider
            and bill_charges.billing_account = invoices.billing_account
            and bill_charges.billing_month = invoices.billing_month
            and bill_charges.billing_currency = invoices.currency
    group by bill_charges.provider, bill_charges.billing_account, bill_charges.billing_month
),

-- an invoice that does not say how much of it is tax or credit has as much as the bill; what a payment
-- says comes on top of it
said as (
    select
        {{ all_but('tax_pico, credit_pico', of='invoices') }},
        coalesce(bill_totals.bill_lines, 0) + case when invoices.foreign_pico = 0 then 0 else 1 end as bill_lines,
        coalesce(bill_totals.usage_pico, 0) as usage_on_bill,
        coalesce(bill_totals.tax_pico, 0) as tax_on_bill,
        coalesce(bill_totals.credit_pico, 0) as credit_on_bill,
        coalesce(bill_totals.reporting_pico, 0) as bill_reporting_pico,
        case
            when invoices.tax_unsaid and bill_totals.tax_pico > invoices.tax_pico then bill_totals.tax_pico
            else coalesce(invoices.tax_pico, bill_totals.tax_pico, 0)
        end + invoices.payments_tax_pico as tax_pico,
        case
            when invoices.credits_unsaid and bill_totals.credit_pico < invoices.credit_pico
                then bill_totals.credit_pico
            else coalesce(invoices.credit_pico, bill_totals.credit_pico, 0)
        end + invoices.payments_credits_pico as credit_pico,
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
        -- what the bill's rows do not carry of it, other credit first
        greatest(least(credit_pico - credit_on_bill, 0), free_pico) as free_only_on_invoice,
        invoice_pico - foreign_pico - tax_pico - credit_pico - payments_pico - usage_on_bill as difference_pico
    from said
),

explained as (
    select
        *,
        case
            when abs(difference_pico) <= least(bill_lines * 5000000000, 1000000000000) then 0
            else difference_pico
        end as unexplained_pico
    from compared
),

lines as (
    select
        *,
        'tax' as line,
        'tax' as charge_kind,
        'Tax' as charge_category,
        tax_only_on_invoice as billed_pico,
        cast(null as decimal(38, 0)) as reporting_pico
    from explained
    union all
    select *, 'credit', 'credit', 'Credit', credit_only_on_invoice - free_only_on_invoice, null
    from explained
    union all
    select *, 'free credits', 'credit', 'Credit', free_only_on_invoice, null
    from explained
    union all
    select
        *,
        'rounding',
        'rounding',
        'Adjustment',
        difference_pico - unexplained_pico,
        case
            when rate_pico is not null
                then
                    {{ converted('invoice_pico', 'rate_pico') }}
                    - {{ converted('foreign_pico', 'rate_pico') }}
                    - {{ converted('unexplained_pico', 'rate_pico') }}
                    - {{ converted('tax_only_on_invoice', 'rate_pico') }}
                    - {{ converted('credit_only_on_invoice', 'rate_pico') }}
                    - payments_reporting_pico
                    - bill_reporting_pico
        end
    from explained
),

final as (
    select
        'invoice:' || provider || ':' || billing_account || ':' || billing_month || ':' || line as charge_id,
        'invoices.csv' as source,
        provider,
        billing_account,
        cast(billing_month as timestamp) as charge_period_start,
        cast(billing_month + interval 1 month as timestamp) as charge_period_end,
        billing_month,
        invoice_id,
        line as charge_description,
        charge_category,
        charge_kind,
        cast(billed_pico as decimal(38, 0)) as billed_pico,
        cast(reporting_pico as decimal(38, 0)) as reporting_pico,
        currency as billing_currency
    from lines
    where billed_pico <> 0 or reporting_pico <> 0
    union all
    select
        concat_ws(
            ':', 'invoice', provider, billing_account, billing_month, kind, invoice_id,
            case when occurrence > 1 then occurrence end
        ),
        'invoices.csv',
        provider,
        billing_account,
        cast(billing_month as timestamp),
        cast(billing_month + interval 1 month as timestamp),
        billing_month,
        invoice_id,
        case kind when 'prepaid' then 'tax of a top-up' when 'expiry' then 'expired credits' else 'fee' end,
        case kind when 'prepaid' then 'Tax' else 'Purchase' end,
        case kind when 'prepaid' then 'tax' when 'expiry' then 'expired_credits' else 'fee' end,
        cast(billed_pico as decimal(38, 0)),
        cast(null as decimal(38, 0)),
        currency
    from of_balances
    where billed_pico <> 0
)

select * from final
