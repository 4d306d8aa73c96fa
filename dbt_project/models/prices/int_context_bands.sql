-- One row per provider, model, region and period with a long-context price: above so many input
-- tokens the whole request is priced, and billed, as long.
with prices as (
    select * from {{ ref('int_prices_dated') }}
    where meter = 'input' and service_tier = 'standard' and context_above = 0 and volume_above = 0
),

final as (
    select
        provider,
        model,
        region,
        valid_from,
        valid_to,
        context_up_to as long_above
    from prices
    where context_up_to is not null
)

select * from final
