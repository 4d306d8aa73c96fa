-- One row per provider and model with a long-context price: above so many input tokens the whole
-- request is priced, and billed, as long. Anthropic bills all its models in two windows.
with prices as (
    select * from {{ ref('int_prices_dated') }}
    where context_above > 0
),

final as (
    select
        provider,
        model,
        min(context_above) as long_above
    from prices
    group by provider, model
)

select * from final
