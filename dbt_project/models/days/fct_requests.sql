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

request_meters as (
    select * from {{ ref('int_request_meters') }}
),

prices as (
    select * from {{ ref('int_prices_dated') }}
),

fees as (
    select * from {{ ref('int_request_fees') }}
),

costs as (
    select
        request_key,
        usage_date,
        count(*) as meters,
        count(list_cost_pico) as priced_meters,
        count(contracted_cost_pico) as contracted_meters,
        sum(list_cost_pico) as list_cost_pico,
        sum(contracted_cost_pico) as contracted_cost_pico,
        min(price_id) as price_id,
        max(contracted_pico_per_million) filter (where meter = 'input') as input_pico_per_million,
        max(quantity) filter (where meter = 'cache_read') as cache_read,
        max(contracted_cost_pico) filter (where meter = 'cache_read') as cache_read_pico
    from request_meters
    group by request_key, usage_date
),

hits as (
    select
        {{ all_but(spared_quantities() | join(', '), of='requests') }},
        {{ with_spared('requests') }},
        fees.model is not null as has_fee
    from requests
    left join fees on {{ fee_in_force('fees', 'requests') }}
    where {{ answered_by_gateway('requests.cache_layer') }}
),

hit_meters as (
    {{ metered('hits', hits=true) }}
),

-- a prompt of fresh tokens, too, has their price
spared as (
    select
        request_key,
        usage_date,
        provider,
        model,
        service_tier,
        price_region,
        started_at,
        context_quantity,
        meter,
        quantity
    from hit_meters
    union all
    select
        request_key,
        usage_date,
        provider,
        model,
        service_tier,
        price_region,
        started_at,
        context_quantity,
        'input' as meter,
        cache_read_quantity as quantity
    from requests
    where
        cache_read_quantity > 0
        and coalesce(input_quantity, 0) = 0
        and not {{ answered_by_gateway('cache_layer') }}
),

spared_costs as (
    {{ spared_costs('spared', 'prices') }}
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
