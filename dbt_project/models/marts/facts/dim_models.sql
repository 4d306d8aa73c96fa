-- One row per provider x raw model name x period of what it means: the model, who says so, and what
-- hangs on it. Names that logs or bills use; a request counts under the name that decided its model.
with model_names as (
    select * from {{ ref('int_model_names') }}
),

charges as (
    select * from {{ ref('int_charges') }}
    where raw_model is not null
),

billed as (
    select
        charges.provider,
        charges.raw_model,
        model_names.valid_from,
        cast(min(charges.charge_period_start) as date) as first_seen,
        cast(max(charges.charge_period_start) as date) as last_seen,
        sum(charges.billed_pico) as billed_pico
    from charges
    inner join model_names
        on
            {{ model_named('model_names', 'charges.provider', 'charges.raw_model', 'charges.charge_period_start') }}
    group by charges.provider, charges.raw_model, model_names.valid_from
),

logged as (
    select
        uses.provider,
        uses.raw_model,
        coalesce(model_names.valid_from, timestamp '0001-01-01') as valid_from,
        min(uses.usage_date) as first_seen,
        max(uses.usage_date) as last_seen,
        cast(sum(uses.requests) as bigint) as requests,
        cast(sum(uses.tokens) as bigint) as tokens,
        sum(uses.gateway_cost_pico) as gateway_cost_pico
    from {{ ref('int_model_uses') }} as uses
    left join model_names
        on
            {{ model_named('model_names', 'uses.provider', 'uses.raw_model', 'uses.first_started_at') }}
    group by
        uses.provider,
        uses.raw_model,
        coalesce(model_names.valid_from, timestamp '0001-01-01')
),

used as (
    select
        coalesce(logged.provider, billed.provider) as provider,
        coalesce(logged.raw_model, billed.raw_model) as raw_model,
        coalesce(logged.valid_from, billed.valid_from) as valid_from,
        least(logged.first_seen, billed.first_seen) as first_seen,
        greatest(logged.last_seen, billed.last_seen) as last_seen,
        coalesce(logged.requests, 0) as requests,
        coalesce(logged.tokens, 0) as tokens,
        logged.gateway_cost_pico,
        billed.billed_pico
    from logged
    full outer join billed
        on
            logged.provider = billed.provider
            and logged.raw_model = billed.raw_model
            and logged.valid_from = billed.valid_from
),

final as (
    select
        used.provider,
        used.raw_model,
        used.valid_from,
        coalesce(model_names.valid_to, timestamp '9999-12-31') as valid_to,
        coalesce(model_names.model, used.raw_model) as model,
        coalesce(model_names.source, 'as_logged') as resolved_by,
        coalesce(model_names.source, 'as_logged') <> 'as_logged' as is_resolved,
        used.first_seen,
        used.last_seen,
        used.requests,
        used.tokens,
        {{ from_pico('used.gateway_cost_pico') }} as gateway_cost,
        {{ from_pico('coalesce(used.billed_pico, 0)') }} as billed_cost
    from used
    left join model_names
        on
            used.provider = model_names.provider
            and used.raw_model = model_names.raw_model
            and used.valid_from = model_names.valid_from
)

select * from final
