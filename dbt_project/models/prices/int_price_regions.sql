-- One row per provider, model and region with prices of its own, from the first of them to the end of
-- the last. A request in such a region then has these prices or none, never those of any region.
with prices as (
    select provider, model, lower(region) as region, valid_from, valid_to from {{ source('landing', 'price_book') }}
    union all
    select provider, model, lower(region), valid_from, valid_to from {{ source('landing', 'prices') }}
),

final as (
    select
        provider,
        model,
        region,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from prices
    where region <> '*'
    group by provider, model, region
)

select * from final
