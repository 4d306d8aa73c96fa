{{ config(database='stage') }}
-- One row per request whose caches spared something that the price of fresh input does not say: what it would have cost.
-- Of an answer from the gateway's own cache all of it, of a prompt that the provider had cached in whole its tokens.
with requests as (
    select * from {{ ref('int_requests') }}
),

prices as (
    select * from {{ ref('int_prices_dated') }}
),

fees as (
    select * from {{ ref('int_request_fees') }}
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

final as (
    {{ spared_costs('spared', 'prices') }}
)

select * from final
