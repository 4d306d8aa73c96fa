-- One row per charge: the bill's rows, own capacity, and what only the invoice knows, payments for
-- commitments included. Money as billed stands beside money in the workspace's currency, at the one rate of
-- account and month. What is billed in a currency without a rate is left out: the run names it.
{#- what only a bill's own rows say -#}
{%- set usage_columns = [
    'report', 'grouping', 'sub_account', 'credential_id', 'principal_id', 'charge_class', 'raw_model', 'model', 'meter',
    'service_tier', 'context_band', 'region', 'consumed_quantity', 'consumed_unit', 'raw_row',
] -%}
{%- set columns = [
    'charge_id', 'source', 'provider', 'billing_account', 'charge_period_start', 'charge_period_end', 'billing_month',
    'invoice_id', 'commitment_id', 'charge_description', 'charge_category', 'charge_kind', 'billed_pico',
    'reporting_pico', 'billing_currency', 'has_holders',
] + usage_columns %}
with bill_charges as (
    select * from {{ ref('int_bill_charges') }}
),

invoice_charges as (
    select * from {{ ref('int_invoice_charges') }}
),

capacity_charges as (
    select * from {{ ref('int_capacity_charges') }}
),

commitment_charges as (
    select
        {{ all_but('billed_pico, billed_currency_pico') }},
        billed_currency_pico as billed_pico,
        billed_pico as reporting_pico
    from {{ ref('int_commitment_charges') }}
),

currencies as (
    select * from {{ ref('int_billing_currencies') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

charges as (
    {{ rows_of('bill_charges', columns, without=['commitment_id', 'reporting_pico']) }}
    union all
    {{ rows_of('invoice_charges', columns, without=usage_columns + ['commitment_id', 'has_holders']) }}
    union all
    {{ rows_of('capacity_charges', columns, without=usage_columns + ['invoice_id', 'commitment_id', 'reporting_pico', 'has_holders']) }}
    union all
    {{ rows_of('commitment_charges', columns, without=usage_columns + ['has_holders']) }}
),

final as (
    select
        {{ all_but('invoice_id, billed_pico, reporting_pico', of='charges') }},
        coalesce(charges.invoice_id, invoices.invoice_id) as invoice_id,
        charges.billed_pico as billed_currency_pico,
        coalesce(charges.reporting_pico, {{ converted('charges.billed_pico', 'currencies.rate_pico') }})
            as billed_pico,
        coalesce(
            case when charges.billing_currency = currencies.currency then currencies.fx_rate_id end, 'identity'
        ) as fx_rate_id
    from charges
    left join currencies
        on
            charges.provider = currencies.provider
            and charges.billing_account = currencies.billing_account
            and charges.billing_month = currencies.billing_month
    left join invoices
        on
            charges.provider = invoices.provider
            and charges.billing_account = invoices.billing_account
            and charges.billing_month = invoices.billing_month
    where
        {{ is_convertible('charges.billing_currency', 'currencies') }}
        or (charges.billed_pico = 0 and coalesce(charges.reporting_pico, 0) = 0)
)

select * from final
