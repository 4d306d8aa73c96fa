{# Per request of `claims` (its claim is not its list cost and the request itself does not tell
   why): the fault, or the pair of faults, that explains the difference, from its rows in `meters`.
   book_cause, first_cause and second_cause with their pico-units, NULL where there is none;
   left_pico is what is left. #}
{% macro claims_explained(claims, meters) -%}
with
-- the prices in force, and those that a gateway takes which knows no tier, long context or region
books as (
    {%- for name, cause, tier, context, region, condition in [
        ('own', 'cast(null as varchar)', 'service_tier', 'context_quantity', 'price_region', 'true'),
        ('standard', "case when service_tier = 'batch' then 'batch' else 'service_tier' end",
         "'standard'", 'context_quantity', 'price_region', "service_tier <> 'standard'"),
        ('base', "'context_band'", 'service_tier', '0', 'price_region', "context_band = 'long'"),
        ('any', "'region_price_missing'", 'service_tier', 'context_quantity', "'*'", "price_region <> '*'"),
    ] %}
    select
        request_key,
        provider,
        model,
        {{ region }} as price_region,
        started_at,
        list_pico,
        '{{ name }}' as book,
        {{ cause }} as book_cause,
        {{ tier }} as service_tier,
        {{ context }} as context_quantity
    from {{ claims }} as claims
    where {{ condition }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

bought as (
    select meters.request_key, meters.meter, meters.quantity
    from {{ meters }} as meters
    inner join {{ claims }} as claims on meters.request_key = claims.request_key
),

-- and prices that cached tokens may have been given
metered as (
    select * from bought
    union all
    select distinct request_key, 'input', 0
    from bought
    where meter in ('cache_read', 'cache_write_5m', 'cache_write_1h')
    union all
    select distinct request_key, 'cache_write_5m', 0
    from bought
    where meter = 'cache_write_1h'
),

uses as (
    select books.*, metered.meter, metered.quantity
    from books
    inner join metered on books.request_key = metered.request_key
),

priced as (
    select
        uses.*,
        prices.list_pico_per_million as pico_per_million,
        {{ cost_pico('uses.quantity', 'prices.list_pico_per_million') }} as cost_pico
    from uses
    left join {{ ref('int_prices_dated') }} as prices
        on
            {{ price_in_force('prices', 'uses') }}
),

costed as (
    select
        request_key,
        book,
        book_cause,
        case when book = 'own' then 0 else sum(cost_pico) - list_pico end as book_pico,
        count(*) filter (where quantity > 0 and cost_pico is null) = 0 as is_priced,
        {{ drift_costs() }}
    from priced
    group by request_key, book, book_cause, list_pico
),

by_book as (
    select
        *,
        {{ cost_pico('reads', 'input_price') }} as reads_as_input,
        {{ cost_pico('writes', 'input_price') }} as writes_as_input,
        {{ cost_pico('long_writes', 'short_write_price') }} as long_writes_as_short
    from costed
    where is_priced and (book = 'own' or book_pico <> 0)
),

faults as (
    select request_key, book, 0 as fault, cast(null as varchar) as cause, '' as part, false as on_writes, 0 as pico
    from by_book
    {%- for fault in drift_faults() %}
    union all
    select request_key, book, {{ loop.index }}, '{{ fault.cause }}', '{{ fault.part }}', {{ fault.on_writes | lower }}, {{ fault.pico }}
    from by_book
    where {{ fault.pico }} <> 0
    {%- endfor %}
),

-- one fault, or two: more would explain anything
explanations as (
    select
        claims.request_key,
        claims.drift_pico,
        claims.claim_pico,
        by_book.book_cause,
        by_book.book_pico,
        first_fault.cause as first_cause,
        first_fault.pico as first_pico,
        second_fault.cause as second_cause,
        second_fault.pico as second_pico,
        claims.drift_pico - by_book.book_pico - first_fault.pico - second_fault.pico as left_pico,
        first_fault.fault * 100 + second_fault.fault as choice,
        case when by_book.book = 'own' then 0 else 1 end
        + case when first_fault.fault = 0 then 0 else 1 end
        + case when second_fault.fault = 0 then 0 else 1 end as faults
    from {{ claims }} as claims
    inner join by_book on claims.request_key = by_book.request_key
    inner join faults as first_fault
        on by_book.request_key = first_fault.request_key and by_book.book = first_fault.book
    inner join faults as second_fault
        on
            by_book.request_key = second_fault.request_key
            and by_book.book = second_fault.book
            and (
                second_fault.fault = 0
                or (
                    first_fault.fault > 0
                    and first_fault.part < second_fault.part
                    and not (first_fault.on_writes and second_fault.on_writes)
                )
            )
),

-- half an explanation is a guess: one fault leaves at most a hundredth of the difference, two nothing
ranked as (
    select
        *,
        row_number() over (
            partition by request_key
            order by
                case when {{ is_rounding('left_pico', 'claim_pico') }} then 0 else 1 end,
                faults, abs(left_pico), book_cause nulls first, choice
        ) as explanation_rank
    from explanations
    where
        faults in (1, 2)
        and (
            {{ is_rounding('left_pico', 'claim_pico') }}
            or (faults = 1 and abs(left_pico) * 100 <= abs(drift_pico))
        )
)

select
    claims.request_key,
    claims.claim_pico,
    ranked.book_cause,
    ranked.book_pico,
    ranked.first_cause,
    ranked.first_pico,
    ranked.second_cause,
    ranked.second_pico,
    coalesce(ranked.left_pico, claims.drift_pico) as left_pico
from {{ claims }} as claims
left join ranked on claims.request_key = ranked.request_key and ranked.explanation_rank = 1
{%- endmacro %}
