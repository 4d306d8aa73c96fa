-- One row per provider x account x billing month: the invoice, what the bill's rows say, where the
-- money went, and what is left unexplained. unexplained is computed and never forced; without an
-- invoice it is unknown. contracted + rate variance + quantity variance + unpriced + the causes
-- + unexplained = invoice.
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

billed as (
    select
        provider,
        billing_account_id as billing_account,
        billing_month,
        count(*) filter (where source <> 'invoices.csv') as bill_lines,
        sum(billed_cost) as billed_cost
    from charges
    group by provider, billing_account_id, billing_month
),

allocated as (
    select
        provider,
        billing_account,
        billing_month,
        sum(billed_cost) as allocated_cost,
        coalesce(sum(billed_cost) filter (where residual_cause is null), 0) as requests_cost,
        {%- for cause in var('residual_causes') %}
        coalesce(sum(billed_cost) filter (where residual_cause = '{{ cause }}'), 0) as {{ cause }},
        {%- endfor %}
        sum(estimated_cost) as estimated_cost,
        coalesce(
            sum(billed_cost) filter (where residual_cause is null and contracted_cost is null), 0
        ) as unpriced_cost,
        coalesce(
            sum(contracted_cost) filter (
                where cost_basis = 'billed' and match_level <> 'before_since'
            ), 0
        ) as contracted_cost,
        coalesce(
            sum(billed_cost - contracted_cost) filter (
                where
                    cost_basis = 'billed'
                    and match_level not in ('none', 'before_since')
                    and contracted_cost is not null
            ), 0
        ) as rate_variance,
        coalesce(
            -sum(contracted_cost) filter (where cost_basis = 'billed' and match_level = 'none'), 0
        ) as quantity_variance
    from allocations
    group by provider, billing_account, billing_month
),

requests as (
    select
        provider,
        billing_account,
        {{ first_of_month('usage_date') }} as billing_month,
        cast(sum(failed_requests) as bigint) as failed_requests,
        cast(sum(estimated_requests) as bigint) as estimated_requests
    from {{ ref('int_cells') }}
    group by 1, 2, 3
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
        {{ from_pico('invoices.invoice_pico') }} as invoice_amount,
        case
            when invoices.invoice_id is null then 'missing'
            when {{ from_pico('invoices.invoice_pico') }} = coalesce(allocated.allocated_cost, 0) then 'tied'
            else 'not_tied'
        end as invoice_status,
        coalesce(billed.bill_lines, 0) as bill_lines,
        coalesce(billed.billed_cost, 0) as billed,
        coalesce(allocated.allocated_cost, 0) as allocated,
        coalesce(allocated.requests_cost, 0) as requests_cost,
        {%- for cause in var('residual_causes') %}
        coalesce(allocated.{{ cause }}, 0) as {{ cause }},
        {%- endfor %}
        {{ from_pico('invoices.invoice_pico') }} - coalesce(allocated.allocated_cost, 0)
            as unexplained,
        coalesce(allocated.estimated_cost, 0) as estimated_cost,
        coalesce(allocated.contracted_cost, 0) as contracted,
        coalesce(allocated.rate_variance, 0) as rate_variance,
        coalesce(allocated.quantity_variance, 0) as quantity_variance,
        coalesce(allocated.unpriced_cost, 0) as unpriced_cost,
        coalesce(requests.failed_requests, 0) as failed_requests,
        coalesce(requests.estimated_requests, 0) as estimated_requests
    from keys
    left join allocated
        on
            keys.provider = allocated.provider
            and keys.billing_account = allocated.billing_account
            and keys.billing_month = allocated.billing_month
    left join requests
        on
            keys.provider = requests.provider
            and keys.billing_account = requests.billing_account
            and keys.billing_month = requests.billing_month
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
