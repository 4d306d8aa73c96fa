{{ config(materialized='view') }}
-- One row per usage date x source x owner x provider x model x layer of cache that served its requests, `none` where
-- none did: what the layer served and what that avoided. Rows of all layers sum to all requests.
with requests as (
    select
        *,
        case
            when {{ answered_by_gateway('cache_layer') }} then cache_layer
            when cache_read_quantity > 0 then 'provider_prefix'
            else 'none'
        end as layer
    from {{ ref('fct_requests') }}
    where is_tool_call is not true
),

by_layer as (
    select
        usage_date,
        source,
        {{ owner_columns() }},
        provider,
        model,
        layer,
        count(*) as requests,
        sum(contracted_cost) as contracted_cost,
        sum(avoided_cost) as avoided_cost,
        count(*) - count(avoided_cost) as unpriced
    from requests
    group by usage_date, source, {{ owner_columns() }}, provider, model, layer
),

of_all as (
    select
        *,
        sum(requests) over (
            partition by usage_date, source, {{ owner_columns() }}, provider, model
        ) as all_requests
    from by_layer
),

final as (
    select
        usage_date,
        source,
        {{ owner_columns() }},
        provider,
        model,
        layer as cache_layer,
        requests,
        case when layer = 'none' then 0 else requests end as hits,
        cast(case when layer = 'none' then 0 else {{ percent_of('requests', 'all_requests') }} end as decimal(18, 2)) as hit_rate,
        contracted_cost,
        case when layer = 'none' then 0 else avoided_cost end as avoided_cost,
        case when layer = 'none' then 0 else unpriced end as hits_unpriced
    from of_all
)

select * from final
