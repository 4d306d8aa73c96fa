-- One row per part of a charge that can be matched: the charge itself, or, where the bill does not
-- say whose key it was, its share per credential by the provider's own usage report. All tokens of
-- such a bill row have one unit price, so the split is exact. Payments for commitments match nothing:
-- int_commitment_allocations spreads them.
with charges as (
    select * from {{ ref('int_charges') }}
    where charge_kind not in ('commitment', 'shortfall')
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

usage as (
    select
        usage.source,
        usage.bucket_start,
        usage.bucket_end,
        usage.sub_account_id as sub_account,
        usage.credential_id,
        coalesce(model_names.model, {{ spelled('usage.model') }}) as model,
        usage.meter,
        coalesce(usage.service_tier, 'standard') as service_tier,
        coalesce(usage.context_band, 'base') as context_band,
        usage.region,
        sum(usage.quantity) as quantity
    from {{ ref('stg_landing__provider_usage') }} as usage
    left join model_names
        on
            {{ model_named('model_names', 'usage.provider', 'usage.model', 'usage.bucket_start') }}
    group by all
),

-- only a bill row that names its meter but neither quantity nor credential needs the bridge
bridged as (
    select
        charges.charge_id,
        charges.billed_pico,
        usage.credential_id,
        cast(sum(usage.quantity) as bigint) as quantity
    from charges
    inner join usage
        on
            charges.source = usage.source
            and charges.charge_period_start <= usage.bucket_start
            and usage.bucket_end <= charges.charge_period_end
            and coalesce(charges.sub_account, '~') = coalesce(usage.sub_account, '~')
            and charges.model = usage.model
            and charges.meter = usage.meter
            and charges.service_tier = usage.service_tier
            and charges.context_band = usage.context_band
            and coalesce(charges.region, '~') = coalesce(usage.region, '~')
    where charges.consumed_quantity is null and charges.credential_id is null
    group by charges.charge_id, charges.billed_pico, usage.credential_id
    having sum(usage.quantity) > 0
),

bridged_totals as (
    select *, sum(quantity) over (partition by charge_id) as charge_quantity
    from bridged
),

bridged_parts as (
    {{ split_exactly(
        'bridged_totals', 'billed_pico', 'quantity', 'charge_quantity',
        'charge_id', "coalesce(credential_id, '')", 'part_pico'
    ) }}
),

parts as (
    select
        charge_id,
        credential_id,
        quantity,
        part_pico
    from bridged_parts
    union all
    select
        charge_id,
        credential_id,
        case when consumed_unit = 'tokens' then cast(consumed_quantity as bigint) end as quantity,
        billed_pico as part_pico
    from charges
    where charge_id not in (select charge_id from bridged_parts)
),

final as (
    select
        {{ key_of(['parts.charge_id', 'parts.credential_id']) }} as part_id,
        parts.charge_id,
        parts.credential_id,
        parts.quantity,
        parts.part_pico,
        charges.source,
        charges.provider,
        charges.billing_account,
        charges.billing_month,
        charges.sub_account,
        charges.model,
        charges.meter,
        charges.service_tier,
        charges.context_band,
        charges.region,
        charges.charge_period_start,
        charges.charge_period_end,
        charges.charge_category,
        charges.charge_kind,
        -- a bill row of a report that was not grouped by line may be any model and meter
        charges.charge_kind = 'tokens' and charges.meter is null as is_ungrouped
    from parts
    inner join charges on parts.charge_id = charges.charge_id
)

select * from final
