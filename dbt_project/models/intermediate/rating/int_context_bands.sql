-- One row per provider, model and period with a long-context price: above so many input tokens the
-- whole request is priced, and billed, as long.
with prices as (
    select * from {{ ref('int_prices_dated') }}
    where context_above > 0 and meter = 'input' and service_tier = 'standard'
),

final as (
    select
        provider,
        model,
        valid_from,
        valid_to,
        min(context_above) as long_above
    from prices
    group by provider, model, valid_from, valid_to
)

select * from final
