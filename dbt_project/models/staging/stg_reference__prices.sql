-- Prices of the workspace, which override the public price book.
with prices as (
    select * from {{ source('landing', 'prices') }}
),

final as (
    select
        line,
        provider,
        model,
        meter,
        service_tier,
        lower(region) as region,
        context_above,
        volume_above,
        unit_price_per_million,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from prices
)

select * from final
