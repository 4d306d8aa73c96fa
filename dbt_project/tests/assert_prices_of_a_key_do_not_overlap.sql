-- Fails if two prices of one meter and context band are in force at once, or a period is empty.
with prices as (
    select
        *,
        lead(valid_from) over (
            partition by price_key, context_above order by valid_from
        ) as next_from
    from {{ ref('int_prices_dated') }}
)

select *
from prices
where next_from < valid_to or valid_to <= valid_from
