-- Fails if two prices of one key can be in force for the same unit of the same request, if a period or a
-- band is empty, or if prices.csv leaves a time without a price between two of its lines for one key: fill
-- it, or declare it by a line with an empty unit_price_per_million. Holes of public books do not fail: what
-- was used there is in mart_unpriced_usage.
with prices as (
    select
        *,
        lead(valid_from) over (
            partition by price_key, context_above, volume_above order by valid_from nulls last
        ) as next_from
    from {{ ref('int_prices_dated') }}
),

meeting as (
    select
        one.price_id,
        other.price_id as other_price_id
    from prices as one
    inner join prices as other
        on
            one.price_key = other.price_key
            and (one.context_above <> other.context_above or one.volume_above <> other.volume_above)
            and one.valid_from < other.valid_to
            and other.valid_from < one.valid_to
    where
        one.context_above <= other.context_above
        and (one.context_up_to is null or one.context_up_to > other.context_above)
        and one.volume_above <= other.volume_above
        and (one.volume_up_to is null or one.volume_up_to > other.volume_above)
)

select 'overlaps its next, or is empty' as problem, price_id, cast(null as varchar) as other_price_id
from prices
where
    next_from < valid_to
    or valid_to <= valid_from
    or context_up_to <= context_above
    or volume_up_to <= volume_above
union all
select 'overlap', price_id, other_price_id from meeting
union all
select
    'no price from ' || cast(gap_from as varchar) || ' to ' || cast(gap_to as varchar) || ', after prices.csv had one',
    price_key,
    null
from {{ ref('int_price_gaps') }}
where source_before = 'prices.csv' and source_after = 'prices.csv'
