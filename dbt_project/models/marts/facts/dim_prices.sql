-- One row per price of the book, in readable words: provider x model x meter x tier x region x context
-- band x volume band x period. A NULL list price is one that the workspace declares as not sold, or
-- that a contract alone knows.
with prices as (
    select * from {{ ref('int_prices_dated') }}
),

final as (
    select
        price_id,
        provider,
        model,
        meter,
        {{ meter_unit('meter') }} as unit,
        service_tier,
        region,
        -- AWS sells a model by the region that is asked and, cheaper, by wherever there is room
        case
            when model like 'global.%' or region = 'global' then 'global'
            when model like 'regional.%' or region <> '*' then 'regional'
            else 'any'
        end as routing_scope,
        context_above,
        context_up_to,
        volume_above,
        volume_up_to,
        coalesce(
            list_pico_per_million = 0
            and (service_tier = 'free' or (volume_above = 0 and volume_up_to is not null)),
            false
        ) as free_tier,
        valid_from,
        valid_to,
        {{ from_pico('list_pico_per_million') }} as list_unit_price_per_million,
        {{ from_pico('contracted_pico_per_million') }} as contracted_unit_price_per_million,
        source,
        source_version,
        checked_on
    from prices
)

select * from final
