-- One row per provider x account x billing month: the invoice, what the bill's rows say, where the
-- money went, and what is left unexplained. unexplained is computed and never forced; without an
-- invoice it is unknown, and so in the bill's currency. contracted + rate variance + quantity variance + unpriced + the causes
-- + foreign services + unexplained = invoice; foreign services are those that are no AI, on invoices that cover `all`.
with days as (
    select * from {{ ref('mart_reconciliation_daily') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

invoices as (
    select
        *,
        {{ from_pico(converted('invoice_pico', 'rate_pico')) }} as amount,
        {{ from_pico('invoice_pico') }} as amount_in_billing_currency,
        {{ from_pico(converted('coalesce(foreign_pico, 0)', 'rate_pico')) }} as foreign_services,
        {{ from_pico('coalesce(foreign_pico, 0)') }} as foreign_services_in_billing_currency
    from {{ ref('int_invoices') }}
),

billed as (
    select
        provider,
        billing_account_id as billing_account,
        billing_month,
        count(*) filter (where source <> 'invoices.csv') as bill_lines,
        sum(billed_cost) as billed_cost,
        max(billing_currency) filter (where billed_cost_in_billing_currency <> 0) as billing_currency,
        max(fx_rate_id) filter (where billed_cost_in_billing_currency <> 0) as fx_rate_id,
        sum(billed_cost_in_billing_currency) as billed_cost_in_billing_currency
    from charges
    group by provider, billing_account_id, billing_month
),

allocated as (
    select
        provider,
        billing_account,
        billing_month,
        {%- for measure in [
            'allocated', 'requests_cost', 'contracted', 'rate_variance', 'quantity_variance',
            'unpriced_cost',
        ] + var('residual_causes') %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        {{ known_estimate() }} as estimated_cost,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
        cast(sum(failed_requests) as bigint) as failed_requests,
        cast(sum(estimated_requests) as bigint) as estimated_requests
    from days
    group by provider, billing_account, billing_month
),

keys as (
    select provider, billing_account, billing_month from allocated
    union
    select provider, billing_account, billing_month from invoices
),

final as (
    select
        keys.provider,
        keys.billing_account,
        keys.billing_month,
        invoices.invoice_id,
        invoices.amount as invoice_amount,
        invoices.amount_in_billing_currency as invoice_amount_in_billing_currency,
        coalesce(invoices.currency, billed.billing_currency, '{{ var("currency") }}') as billing_currency,
        coalesce(invoices.fx_rate_id, billed.fx_rate_id, 'identity') as fx_rate_id,
        case
            when invoices.invoice_id is null then 'missing'
            when invoices.amount = coalesce(allocated.allocated, 0) + invoices.foreign_services then 'tied'
            else 'not_tied'
        end as invoice_status,
        coalesce(billed.bill_lines, 0) as bill_lines,
        coalesce(billed.billed_cost, 0) as billed,
        coalesce(allocated.allocated, 0) as allocated,
        coalesce(invoices.foreign_services, 0) as foreign_services,
        coalesce(allocated.requests_cost, 0) as requests_cost,
        {%- for cause in var('residual_causes') %}
        coalesce(allocated.{{ cause }}, 0) as {{ cause }},
        {%- endfor %}
        invoices.amount - coalesce(allocated.allocated, 0) - invoices.foreign_services as unexplained,
        invoices.amount_in_billing_currency
        - coalesce(billed.billed_cost_in_billing_currency, 0)
        - invoices.foreign_services_in_billing_currency as unexplained_in_billing_currency,
        case when allocated.provider is null then 0 else allocated.estimated_cost end as estimated_cost,
        coalesce(allocated.unpriced_quantity, 0) as unpriced_quantity,
        coalesce(allocated.contracted, 0) as contracted,
        coalesce(allocated.rate_variance, 0) as rate_variance,
        coalesce(allocated.quantity_variance, 0) as quantity_variance,
        coalesce(allocated.unpriced_cost, 0) as unpriced_cost,
        coalesce(allocated.failed_requests, 0) as failed_requests,
        coalesce(allocated.estimated_requests, 0) as estimated_requests
    from keys
    left join allocated
        on
            keys.provider = allocated.provider
            and keys.billing_account = allocated.billing_account
            and keys.billing_month = allocated.billing_month
    left join billed
        on
            keys.provider = billed.provider
            and keys.billing_account = billed.billing_account
            and keys.billing_month = billed.billing_month
    left join invoices
        on
            keys.provider = invoices.provider
            and keys.billing_account = invoices.billing_account
            and keys.billing_month = invoices.billing_month
)

select * from final
