-- One row per price key and stretch of time without a price between two of its prices. A period that
-- prices.csv declares as not sold is no gap.
with prices as (
    select * from {{ ref('int_prices_dated') }}
),

-- several bands of one key: its end is the latest so far
running as (
    select
        *,
        max(valid_to) over (
            partition by price_key
            order by valid_from nulls last, valid_to nulls last, source nulls last
            rows between unbounded preceding and 1 preceding
        ) as known_to,
        lag(source) over (
            partition by price_key order by valid_from nulls last, valid_to nulls last, source nulls last
        ) as source_before
    from prices
),

final as (
    select
        price_key,
        provider,
        model,
        meter,
        service_tier,
        region,
        known_to as gap_from,
        valid_from as gap_to,
        source_before,
        source as source_after
    from running
    where known_to < valid_from
)

select * from final
