-- Fails if a part of a bill row without a quantity does not have the tokens that the provider's own
-- usage report says of its keys and days.
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
)

select
    parts.part_id,
    parts.quantity,
    sum(usage.quantity) as usage_quantity
from parts
left join usage
    on
        parts.source = usage.source
        and parts.credential_id is not distinct from usage.credential_id
        and parts.sub_account is not distinct from usage.sub_account_id
        and parts.model = usage.canonical_model
        and parts.meter = usage.meter
        and parts.service_tier = coalesce(usage.service_tier, 'standard')
        and parts.context_band = coalesce(usage.context_band, 'base')
        and parts.region is not distinct from usage.region
        and parts.charge_period_start <= usage.bucket_start
        and usage.bucket_end <= parts.charge_period_end
group by parts.part_id, parts.quantity
having sum(usage.quantity) is distinct from parts.quantity
