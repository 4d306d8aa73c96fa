-- Fails if tokens of the provider's own usage report become parts of bill rows more than once: more than
-- it says of a credential, or, where it agrees with bill rows in every key, not as many as it says.
with usage as (
    select
        usage.*,
        coalesce(model_names.model, {{ spelled('usage.model') }}) as canonical_model
    from {{ ref('stg_landing__provider_usage') }} as usage
    left join {{ ref('int_model_names') }} as model_names
        on
            {{ model_named('model_names', 'usage.provider', 'usage.model', 'usage.bucket_start') }}
),

parts as (
    select parts.*
    from {{ ref('int_charge_parts') }} as parts
    inner join {{ ref('int_charges') }} as charges on parts.charge_id = charges.charge_id
    where charges.consumed_quantity is null and parts.quantity is not null
),

parts_by_key as (
    select
        source, credential_id, sub_account, model, meter, service_tier, context_band, region,
        charge_period_start, charge_period_end, sum(quantity) as quantity
    from parts
    group by all
),

told as (
    select
        parts.source, parts.credential_id, parts.sub_account, parts.model, parts.meter,
        parts.charge_period_start, max(parts.quantity) as quantity, sum(usage.quantity) as usage_quantity
    from parts_by_key as parts
    inner join usage
        on
            parts.source = usage.source
            and parts.credential_id is not distinct from usage.credential_id
            and parts.sub_account is not distinct from usage.sub_account_id
            and (parts.model = usage.canonical_model or parts.model is null)
            and parts.meter = usage.meter
            and parts.service_tier is not distinct from usage.service_tier
            and parts.context_band is not distinct from usage.context_band
            and parts.region is not distinct from usage.region
            and parts.charge_period_start <= usage.bucket_start
            and usage.bucket_end <= parts.charge_period_end
    group by
        parts.source, parts.credential_id, parts.sub_account, parts.model, parts.meter,
        parts.service_tier, parts.context_band, parts.region, parts.charge_period_start, parts.charge_period_end
),

sums as (
    select
        source, credential_id, model, meter, charge_period_start, charge_period_end,
        sum(quantity) as quantity
    from parts
    group by all
),

-- of the days of a bill row, whatever its other keys
usage_sums as (
    select
        sums.source, sums.credential_id, sums.model, sums.meter, sums.charge_period_start,
        max(sums.quantity) as quantity, coalesce(sum(usage.quantity), 0) as usage_quantity
    from sums
    left join usage
        on
            sums.source = usage.source
            and (sums.credential_id is not distinct from usage.credential_id or usage.credential_id is null)
            and (sums.model = usage.canonical_model or sums.model is null)
            and sums.meter = usage.meter
            and sums.charge_period_start <= usage.bucket_start
            and usage.bucket_end <= sums.charge_period_end
    group by
        sums.source, sums.credential_id, sums.model, sums.meter, sums.charge_period_start, sums.charge_period_end
)

select source, credential_id, model, meter, quantity, usage_quantity
from told
where quantity < usage_quantity
union all
select source, credential_id, model, meter, quantity, usage_quantity
from usage_sums
where quantity > usage_quantity
