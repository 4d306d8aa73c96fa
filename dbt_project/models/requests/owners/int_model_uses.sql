{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x provider x raw name that decided a model x the model: the requests so
-- named, their tokens and what the gateway claims for them.
with requests as (
    select * from {{ ref('int_requests') }}
),

counted as (
    select
        usage_date,
        day_hash,
        provider,
        raw_model,
        model,
        model_source,
        started_at,
        gateway_cost,
        case
            when {{ answered_by_gateway('cache_layer') }} then 0
            else
                {%- for meter in token_meters() %}
                {{ '+ ' if not loop.first }}coalesce({{ meter }}_quantity, 0)
                {%- endfor %}
        end as tokens
    from requests
),

final as (
    select
        usage_date,
        max(day_hash) as day_hash,
        provider,
        raw_model,
        model,
        model_source,
        min(started_at) as first_started_at,
        count(*) as requests,
        cast(sum(tokens) as bigint) as tokens,
        {{ to_pico('sum(gateway_cost)') }} as gateway_cost_pico
    from counted
    group by
        usage_date,
        provider,
        raw_model,
        model,
        model_source
)

select * from final
