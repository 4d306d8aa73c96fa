-- Negotiated rates: a discount on the list price, or a price.
with contracts as (
    select * from {{ source('landing', 'contracts') }}
),

final as (
    select
        line,
        provider,
        model,
        meter,
        service_tier,
        volume_above,
        discount_percent,
        unit_price_per_million,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from contracts
)

select * from final
