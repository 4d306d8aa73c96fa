-- The price in force: provider x model x meter x tier x context band x period, list and contracted.
-- The workspace's prices.csv replaces the public book for a meter as a whole while it is valid;
-- contracts.csv then gives the negotiated price. Periods of one key never overlap.
with book as (
    select
        provider,
        model,
        meter,
        service_tier,
        context_above,
        {{ to_pico('unit_price_per_million') }} as pico_per_million,
        valid_from,
        valid_to,
        source || ' ' || source_version as price_source,
        2 as preference
    from {{ ref('stg_landing__price_book') }}
),

overrides as (
    select
        provider,
        model,
        meter,
        coalesce(service_tier, 'standard') as service_tier,
        coalesce(context_above, 0) as context_above,
        {{ to_pico('unit_price_per_million') }} as pico_per_million,
        valid_from,
        valid_to,
        'prices.csv' as price_source,
        1 as preference
    from {{ ref('stg_reference__prices') }}
),

list_prices as (
    select *, {{ key_of(['provider', 'model', 'meter', 'service_tier']) }} as price_key from book
    union all
    select *, {{ key_of(['provider', 'model', 'meter', 'service_tier']) }} as price_key from overrides
),

-- one row per provider, model, meter and tier
keys as (
    select distinct price_key, provider, model, meter, service_tier
    from list_prices
),

contracts as (
    select
        keys.price_key,
        contracts.line,
        contracts.discount_percent,
        {{ to_pico('contracts.unit_price_per_million') }} as contract_pico_per_million,
        contracts.valid_from,
        contracts.valid_to,
        {{ glob_rank("coalesce(contracts.model, '*')") }} as model_rank,
        {{ glob_rank("coalesce(contracts.meter, '*')") }} as meter_rank,
        {{ glob_rank("coalesce(contracts.service_tier, '*')") }} as tier_rank
    from keys
    inner join {{ ref('stg_reference__contracts') }} as contracts
        on
            keys.provider = contracts.provider
            and {{ glob_match('keys.model', "coalesce(contracts.model, '*')") }}
            and {{ glob_match('keys.meter', "coalesce(contracts.meter, '*')") }}
            and {{ glob_match('keys.service_tier', "coalesce(contracts.service_tier, '*')") }}
),

boundaries as (
    select price_key, valid_from as boundary from list_prices
    union
    select price_key, valid_to from list_prices
    union
    select price_key, valid_from from contracts
    union
    select price_key, valid_to from contracts
),

periods as (
    select
        price_key,
        boundary as valid_from,
        lead(boundary) over (partition by price_key order by boundary) as valid_to
    from boundaries
),

-- the book, or the workspace's own price, decides a period for all context bands together
preferred as (
    select
        periods.price_key,
        periods.valid_from,
        periods.valid_to,
        list_prices.context_above,
        list_prices.pico_per_million,
        list_prices.price_source,
        list_prices.preference,
        min(list_prices.preference) over (
            partition by periods.price_key, periods.valid_from
        ) as best_preference
    from periods
    inner join list_prices
        on
            periods.price_key = list_prices.price_key
            and list_prices.valid_from <= periods.valid_from
            and periods.valid_to <= list_prices.valid_to
),

negotiated as (
    select
        periods.price_key,
        periods.valid_from,
        contracts.discount_percent,
        contracts.contract_pico_per_million,
        row_number() over (
            partition by periods.price_key, periods.valid_from
            order by contracts.model_rank desc, contracts.meter_rank desc, contracts.tier_rank desc, contracts.line
        ) as contract_rank
    from periods
    inner join contracts
        on
            periods.price_key = contracts.price_key
            and contracts.valid_from <= periods.valid_from
            and periods.valid_to <= contracts.valid_to
),

final as (
    select
        preferred.price_key,
        keys.provider,
        keys.model,
        keys.meter,
        keys.service_tier,
        preferred.context_above,
        lead(preferred.context_above) over (
            partition by preferred.price_key, preferred.valid_from order by preferred.context_above
        ) as context_up_to,
        preferred.valid_from,
        preferred.valid_to,
        preferred.pico_per_million as list_pico_per_million,
        case
            when negotiated.contract_pico_per_million is not null
                then negotiated.contract_pico_per_million
            when negotiated.discount_percent is not null
                then {{ split_floor(
                    'preferred.pico_per_million',
                    'cast((100 - negotiated.discount_percent) * 1000000 as decimal(38, 0))',
                    '100000000'
                ) }}
            else preferred.pico_per_million
        end as contracted_pico_per_million,
        preferred.price_source,
        concat_ws(
            '/',
            keys.provider,
            keys.model,
            keys.service_tier,
            keys.meter,
            preferred.context_above,
            strftime(preferred.valid_from, '%Y-%m-%dT%H:%M:%S.%f')
        ) as price_id
    from preferred
    inner join keys on preferred.price_key = keys.price_key
    left join negotiated
        on
            preferred.price_key = negotiated.price_key
            and preferred.valid_from = negotiated.valid_from
            and negotiated.contract_rank = 1
    where preferred.preference = preferred.best_preference
)

select * from final
