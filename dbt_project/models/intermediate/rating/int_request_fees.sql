-- One row per provider, model and region with a fee for each request, in whatever tier, from the first
-- such price to the end of the last. A request there without a fee of its own tier has none known.
with prices as (
    select * from {{ ref('int_prices_dated') }}
),

final as (
    select
        provider,
        model,
        region,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from prices
    where
        meter = 'requests'
        and (list_pico_per_million is not null or contracted_pico_per_million is not null)
    group by provider, model, region
)

select * from final
