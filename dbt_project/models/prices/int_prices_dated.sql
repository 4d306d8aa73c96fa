-- The price book: one row per provider x model x meter x tier x region x context band x volume band
-- x period, list and contracted. Periods and bands of one key never overlap. The list price is NULL
-- where prices.csv says that nothing is sold, or where a contract alone has a price.
with bands as (
    select * from {{ ref('int_price_bands') }}
),

keys as (
    select price_key, provider, model, meter, service_tier, region
    from {{ ref('int_list_prices') }}
    union
    select price_key, provider, model, meter, service_tier, region
    from {{ ref('int_contract_prices') }}
),

compared as (
    select
        *,
        {{ key_of([
            'context_up_to', 'volume_up_to', 'list_pico_per_million',
            'contracted_pico_per_million', 'source', 'listed_from',
        ]) }} as content
    from bands
),

-- a boundary that changes nothing, such as that of a source that does not go first, is none
restarted as (
    select
        *,
        case
            when
                lag(valid_to) over same_band = valid_from
                and lag(content) over same_band = content
                then 0
            else 1
        end as restarts
    from compared
    window same_band as (
        partition by price_key, context_above, volume_above order by valid_from nulls last
    )
),

numbered as (
    select
        *,
        sum(restarts) over (
            partition by price_key, context_above, volume_above order by valid_from nulls last
        ) as stretch
    from restarted
),

stretches as (
    select
        price_key,
        context_above,
        context_up_to,
        volume_above,
        volume_up_to,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        list_pico_per_million,
        contracted_pico_per_million,
        source,
        source_version,
        checked_on
    from numbered
    group by
        price_key,
        context_above,
        context_up_to,
        volume_above,
        volume_up_to,
        list_pico_per_million,
        contracted_pico_per_million,
        source,
        source_version,
        checked_on,
        content,
        stretch
),

final as (
    select
        stretches.*,
        keys.provider,
        keys.model,
        keys.meter,
        keys.service_tier,
        keys.region,
        concat_ws(
            '/',
            keys.provider,
            keys.model,
            keys.service_tier,
            keys.meter,
            stretches.context_above,
            case when keys.region <> '*' then 'region ' || keys.region end,
            case when stretches.volume_above > 0 then 'above ' || stretches.volume_above end,
            strftime(stretches.valid_from, '%Y-%m-%dT%H:%M:%S.%f')
        ) as price_id
    from stretches
    inner join keys on stretches.price_key = keys.price_key
)

select * from final
