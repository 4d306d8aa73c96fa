{{ config(database='stage') }}
-- One row per request and meter with a quantity, priced as of the event. Without a price the costs
-- are NULL: unknown is not free. An answer from the gateway's own cache used nothing of a provider.
with fees as (
    select * from {{ ref('int_request_fees') }}
),

requests as (
    select
        requests.*,
        fees.model is not null as has_fee
    from {{ ref('int_requests') }} as requests
    left join fees on {{ fee_in_force('fees', 'requests') }}
),

prices as (
    select * from {{ ref('int_prices_dated') }}
),

volume_uses as (
    select * from {{ ref('int_volume_uses') }}
),

quantities as (
    {{ metered('requests') }}
),

priced as (
    select
        quantities.*,
        prices.price_id,
        prices.list_pico_per_million,
        prices.contracted_pico_per_million
    from quantities
    left join prices
        on
            {{ price_in_force('prices', 'quantities') }}
),

final as (
    select
        priced.request_key,
        priced.usage_date,
        priced.day_hash,
        priced.cell_id,
        priced.meter,
        priced.quantity,
        case
            when volume_uses.meter is null then priced.price_id
            else volume_uses.price_id
        end as price_id,
        case
            when volume_uses.meter is null then priced.list_pico_per_million
            else volume_uses.list_pico_per_million
        end as list_pico_per_million,
        case
            when volume_uses.meter is null then priced.contracted_pico_per_million
            else volume_uses.contracted_pico_per_million
        end as contracted_pico_per_million,
        case
            when volume_uses.meter is null
                then {{ cost_pico('priced.quantity', 'priced.list_pico_per_million') }}
            else volume_uses.list_cost_pico
        end as list_cost_pico,
        case
            when volume_uses.meter is null
                then {{ cost_pico('priced.quantity', 'priced.contracted_pico_per_million') }}
            else volume_uses.contracted_cost_pico
        end as contracted_cost_pico
    from priced
    left join volume_uses
        on priced.request_key = volume_uses.request_key and priced.meter = volume_uses.meter
)

select * from final
