-- One row per standing bill row, with the canonical model and a charge_id that survives a re-pull:
-- it is made of the row's natural key, not of where it was read. Seats, and what was used beyond what
-- they include, stand beside them where no bill charges for it: seats.csv and seat_usage.csv are their bill. Money is
-- in the bill's currency. `has_holders`: these CSVs say whose it is.
{%- set columns = [
    'charge_id', 'source', 'provider', 'billing_account', 'charge_period_start', 'charge_period_end', 'billing_month',
    'charge_description', 'charge_category', 'charge_kind', 'billed_pico', 'billing_currency',
] -%}
{%- set of_bills_alone = [
    'report', 'grouping', 'invoice_id', 'sub_account', 'credential_id', 'principal_id', 'charge_class', 'raw_model',
    'model', 'meter', 'service_tier', 'context_band', 'region', 'consumed_quantity', 'consumed_unit', 'raw_row',
] %}
with charges as (
    select * from {{ ref('stg_landing__charges') }}
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

seats as (
    select * from {{ ref('int_seat_charges') }}
),

holders as (
    select distinct provider, billing_account, billing_month, billing_currency, charge_kind
    from seats
    where is_on_bill
),

seats_by_themselves as (
    select
        charge_id,
        case when charge_kind = 'seats' then 'seats.csv' else 'seat_usage.csv' end as source,
        provider,
        billing_account,
        cast(billing_month as timestamp) as charge_period_start,
        cast(billing_month + interval 1 month as timestamp) as charge_period_end,
        billing_month,
        concat_ws(' ', charge_kind, 'of', product, seat_plan) as charge_description,
        case when charge_kind = 'seats' then 'Purchase' else 'Usage' end as charge_category,
        charge_kind,
        listed_pico as billed_pico,
        billing_currency,
        true as has_holders
    from seats
    where not is_on_bill and listed_pico <> 0
),

keyed as (
    select
        charges.*,
        {{ key_of([
            'source', 'provider', 'billing_account', 'report', 'charge_period_start', 'sub_account_id', 'credential_id',
            'principal_id', 'charge_description', 'charge_category', 'region',
        ]) }} as natural_key
    from charges
),

numbered as (
    select
        *,
        row_number() over (
            partition by natural_key
            order by
                billed_cost_in_billing_currency nulls last, consumed_quantity nulls last, raw_row nulls last
        ) as occurrence
    from keyed
),

named as (
    select
        numbered.source || ':' || md5(numbered.natural_key || '#' || numbered.occurrence) as charge_id,
        numbered.source,
        numbered.provider,
        numbered.billing_account,
        numbered.report,
        numbered.grouping,
        numbered.charge_period_start,
        numbered.charge_period_end,
        {{ first_of_month(billed_date('numbered.bucket_start', 'numbered.bucket_end')) }} as billing_month,
        numbered.invoice_id,
        numbered.sub_account_id as sub_account,
        numbered.credential_id,
        numbered.principal_id,
        numbered.charge_description,
        numbered.charge_category,
        numbered.charge_class,
        numbered.charge_kind,
        {{ spelled('numbered.model') }} as raw_model,
        coalesce(model_names.model, {{ spelled('numbered.model') }}) as model,
        numbered.meter,
        numbered.service_tier,
        numbered.context_band,
        numbered.region,
        numbered.consumed_quantity,
        numbered.consumed_unit,
        {{ to_pico('numbered.billed_cost_in_billing_currency') }} as billed_pico,
        numbered.billing_currency,
        numbered.raw_row
    from numbered
    left join model_names
        on
            {{ model_named('model_names', 'numbered.provider', 'numbered.model', 'numbered.charge_period_start') }}
),

final as (
    select
        {%- for column in columns + of_bills_alone %}
        named.{{ column }},
        {%- endfor %}
        holders.billing_month is not null as has_holders
    from named
    left join holders
        on
            named.provider = holders.provider
            and named.billing_account = holders.billing_account
            and named.billing_month = holders.billing_month
            and named.billing_currency = holders.billing_currency
            and named.charge_kind = holders.charge_kind
    union all
    {{ rows_of('seats_by_themselves', columns + of_bills_alone + ['has_holders'], without=of_bills_alone) }}
)

select * from final
