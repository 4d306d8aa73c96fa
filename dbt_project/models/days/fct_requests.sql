{{ config(
    schema='main',
    group='marts',
    materialized='day_files',
    meta={'publish': 'parquet_by_day'},
    pre_hook="{{ asked_for_day_files() }}",
    contract={'enforced': true},
    persist_docs={'relation': true, 'columns': true},
) }}
-- One row per request: the contract's fields, what it is on the bill, its owners and its costs by
-- price book and contract.
with requests as (
    select * from {{ ref('int_requests') }}
),

costs as (
    select * from {{ ref('int_request_costs') }}
),

spared_costs as (
    select * from {{ ref('int_spared_costs') }}
),

final as (
    select
        {{ all_but(
            'batch, object_no, record_no, content_hash, evidence_rank, context_quantity, price_region, '
            ~ 'keyless_gateway, rule_key, is_untold',
            of='requests'
        ) }},
        -- tokens that nobody told are unknown, not none
        case
            when requests.is_untold then cast(null as decimal(38, 12))
            when costs.meters is null then cast(0 as decimal(38, 12))
            when costs.meters = costs.priced_meters then {{ from_pico('costs.list_cost_pico') }}
        end as list_cost,
        case
            when requests.is_untold then cast(null as decimal(38, 12))
            when costs.meters is null then cast(0 as decimal(38, 12))
            when costs.meters = costs.contracted_meters
                then {{ from_pico('costs.contracted_cost_pico') }}
        end as contracted_cost,
        {{ avoided_cost('requests', 'costs', 'spared_costs') }} as avoided_cost,
        case
            when {{ answered_by_gateway('requests.cache_layer') }} then 'cached'
            when requests.is_untold then 'unpriced'
            when costs.meters is null then 'priced'
            when costs.meters > costs.priced_meters then 'unpriced'
            when costs.list_cost_pico = 0 then 'free'
            else 'priced'
        end as price_status,
        costs.price_id
    from requests
    left join costs
        on requests.request_key = costs.request_key and requests.usage_date = costs.usage_date
    left join spared_costs
        on
            requests.request_key = spared_costs.request_key
            and requests.usage_date = spared_costs.usage_date
)

select * from final
