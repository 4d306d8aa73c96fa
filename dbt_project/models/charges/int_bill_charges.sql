-- One row per standing bill row, with the canonical model and a charge_id that survives a re-pull:
-- it is made of the row's natural key, not of where it was read. Money is in the bill's currency.
with charges as (
    select * from {{ ref('stg_landing__charges') }}
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

keyed as (
    select
        charges.*,
        {{ key_of([
            'source', 'report', 'charge_period_start', 'sub_account_id', 'credential_id', 'principal_id',
            'charge_description', 'charge_category', 'region',
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

final as (
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
)

select * from final
