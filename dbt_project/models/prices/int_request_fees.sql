-- One row per provider, model and region whose answered requests are counted, in whatever tier: from the
-- first price of a request to the end of the last, and from the first bill that charges by the request on.
-- A request there without a fee of its own tier has none known.
with prices as (
    select * from {{ ref('int_prices_dated') }}
),

charges as (
    select * from {{ ref('stg_landing__charges') }}
    where meter = 'requests' and model is not null
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

price_regions as (
    select distinct provider, model, region from {{ ref('int_price_regions') }}
),

billed as (
    select
        charges.provider,
        coalesce(model_names.model, {{ spelled('charges.model') }}) as model,
        charges.bucket_start as valid_from
    from charges
    left join model_names
        on
            {{ model_named('model_names', 'charges.provider', 'charges.model', 'charges.bucket_start') }}
),

fees as (
    select provider, model, region, valid_from, valid_to
    from prices
    where
        meter = 'requests'
        and (list_pico_per_million is not null or contracted_pico_per_million is not null)
    union all
    select provider, model, '*' as region, valid_from, timestamp '9999-12-31 00:00:00' as valid_to
    from billed
    union all
    select
        billed.provider,
        billed.model,
        price_regions.region,
        billed.valid_from,
        timestamp '9999-12-31 00:00:00' as valid_to
    from billed
    inner join price_regions
        on billed.provider = price_regions.provider and billed.model = price_regions.model
),

final as (
    select
        provider,
        model,
        region,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from fees
    group by provider, model, region
)

select * from final
