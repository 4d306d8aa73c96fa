{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per cell and the gateway's key that its requests came by (NULL where the log names none): what of the cell
-- is that key's, and which of its requests were refused. Rows of a cell sum to it.
with requests as (
    select * from {{ ref('int_requests') }}
),

final as (
    select
        cell_id,
        usage_date,
        day_hash,
        source,
        gateway_key_id,
        gateway_key_alias,
        count(*) filter (where is_tool_call is not true) as requests,
        count(*) filter (where http_status = 429 and is_tool_call is not true) as blocked_requests,
        count(*) filter (where {{ is_refused_for_money() }} and is_tool_call is not true) as billing_blocked_requests,
        cast(
            coalesce(
                sum({{ busy_ms('requests') }})
                    filter (where pool is not null and not {{ answered_by_gateway('cache_layer') }}),
                0
            ) as bigint
        ) as pool_ms
        {%- for meter in var('meters') %},
        cast(
            coalesce(
                sum({{ billable_quantity('requests', meter) }})
                    filter (where not {{ answered_by_gateway('cache_layer') }}),
                0
            ) as bigint
        ) as {{ meter }}_quantity
        {%- endfor %}
    from requests
    group by cell_id, usage_date, day_hash, source, gateway_key_id, gateway_key_alias
)

select * from final
