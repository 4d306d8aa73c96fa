-- Public list prices by period.
with price_book as (
    select * from {{ source('landing', 'price_book') }}
),

final as (
    select
        provider,
        model,
        meter,
        service_tier,
        lower(region) as region,
        context_above,
        volume_above,
        unit_price_per_million,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to,
        source,
        source_version,
        checked_on
    from price_book
)

select * from final
