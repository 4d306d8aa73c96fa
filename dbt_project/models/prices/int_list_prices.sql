-- One row per price key (provider x model x meter x tier x region), context band, volume band and
-- period: the list price of the source that goes first there. prices.csv goes before genai-prices,
-- genai-prices before other books, each for all bands of a key together. A NULL price is one that
-- prices.csv declares as not sold.
with book as (
    select
        provider,
        model,
        meter,
        service_tier,
        context_above,
        volume_above,
        {{ to_pico('unit_price_per_million') }} as pico_per_million,
        valid_from,
        valid_to,
        source,
        source_version,
        checked_on,
        case when source = 'genai-prices' then 2 else 3 end as preference,
        lower(region) as region
    from {{ source('landing', 'price_book') }}
),

own as (
    select
        provider,
        model,
        meter,
        coalesce(service_tier, 'standard') as service_tier,
        coalesce(context_above, 0) as context_above,
        volume_above,
        {{ to_pico('unit_price_per_million') }} as pico_per_million,
        valid_from,
        valid_to,
        'prices.csv' as source,
        cast(null as string) as source_version,
        cast(null as date) as checked_on,
        1 as preference,
        lower(region) as region
    from {{ source('landing', 'prices') }}
),

own_regions as (
    select distinct provider, model, region from own
),

-- without a region it is the price in every region that public books alone have prices for
own_elsewhere as (
    select
        {{ all_but('region', of='own') }},
        regions.region
    from own
    inner join {{ ref('int_price_regions') }} as regions
        on own.provider = regions.provider and own.model = regions.model
    left join own_regions
        on
            regions.provider = own_regions.provider
            and regions.model = own_regions.model
            and regions.region = own_regions.region
    where own.region = '*' and own_regions.region is null
),

offered as (
    select * from book
    union all
    select * from own
    union all
    select * from own_elsewhere
),

keyed as (
    select
        *,
        {{ key_of(['provider', 'model', 'meter', 'service_tier', 'region']) }} as price_key
    from offered
),

periods as (
    {{ periods_of(['keyed'], ['price_key']) }}
),

preferred as (
    select
        {{ all_but('valid_from, valid_to', of='keyed') }},
        periods.valid_from,
        periods.valid_to,
        keyed.valid_from as listed_from,
        min(keyed.preference) over (
            partition by periods.price_key, periods.valid_from
        ) as best_preference
    from periods
    inner join keyed on {{ valid_throughout('keyed', 'periods', ['price_key']) }}
),

final as (
    select {{ all_but('best_preference, preference') }} from preferred
    where preference = best_preference
)

select * from final
