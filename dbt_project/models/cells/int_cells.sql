{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per cell: hour x showback date x account x sub-account x credential x model x tier x
-- context band x region x pool of capacity x gateway (of what does not know its credential) x owner. Failed requests count too: they prove that a key was in use.
with requests as (
    select * from {{ ref('int_requests') }}
),

-- most cells have one: to name those of a cell is dear where it is asked of its requests
cell_gateways as (
    select distinct
        cell_id,
        source
    from requests
),

gateways as (
    select
        cell_id,
        {{ each_once('source') }} as gateways
    from cell_gateways
    group by cell_id
),

counted as (
    select
        cell_id,
        usage_date,
        max(day_hash) as day_hash,
        usage_hour,
        showback_date,
        provider,
        billing_account,
        sub_account,
        credential_id,
        model,
        service_tier,
        tier_assumed,
        context_band,
        region,
        pool,
        keyless_gateway,
        {{ owner_columns() }},
        count(*) filter (where is_tool_call is not true) as requests,
        -- of tools that prices.csv prices, as answered as failed
        count(*) filter (where is_tool_call) as tool_calls,
        count(*) filter (where status <> 'success' and is_tool_call is not true) as failed_requests,
        count(*) filter (where tokens_estimated) as estimated_requests,
        -- what a gateway's own cache answered used nothing of a provider
        count(*) filter (where not {{ answered_by_gateway('cache_layer') }} and is_tool_call is not true) as provider_requests,
        cast(
            coalesce(
                sum({{ busy_ms('requests') }}) filter (where not {{ answered_by_gateway('cache_layer') }}), 0
            ) as bigint
        ) as busy_ms
    from requests
    group by
        cell_id,
        usage_date,
        usage_hour,
        showback_date,
        provider,
        billing_account,
        sub_account,
        credential_id,
        model,
        service_tier,
        tier_assumed,
        context_band,
        region,
        pool,
        keyless_gateway,
        {{ owner_columns() }}
),

final as (
    select
        counted.*,
        gateways.gateways
    from counted
    inner join gateways on counted.cell_id = gateways.cell_id
)

select * from final
