-- Fails if two prices of one key can be in force for the same unit of the same request, or if a period
-- or a band is empty.
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

select price_id, cast(null as varchar) as other_price_id
from prices
where
    next_from < valid_to
    or valid_to <= valid_from
    or context_up_to <= context_above
    or volume_up_to <= volume_above
union all
select price_id, other_price_id from meeting
