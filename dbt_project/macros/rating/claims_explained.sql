{# Per request of `claims` (its claim is not its list cost and the request itself does not tell
   why): the fault, or the pair of faults, that explains the difference, from its rows in `meters`.
   book_cause, first_cause and second_cause with their pico-units, NULL where there is none;
   left_pico is what is left. #}
{% macro claims_explained(claims, meters) -%}
with
-- the prices in force, and those that a gateway takes which knows no tier, long context or region
books as (
    {%- for name, cause, tier, context, region, condition in [
        ('own', 'cast(null as string)', 'service_tier', 'context_quantity', 'price_region', 'true'),
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
        drift_pico,
        tolerance_pico,
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
        drift_pico,
        tolerance_pico,
        book,
        book_cause,
        case when book = 'own' then 0 else sum(cost_pico) - list_pico end as book_pico,
        count(*) filter (where quantity > 0 and cost_pico is null) = 0 as is_priced,
        {{ drift_costs() }}
    from priced
    group by request_key, drift_pico, tolerance_pico, book, book_cause, list_pico
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

possible as (
    select
        request_key,
        drift_pico,
        tolerance_pico,
        book,
        book_cause,
        book_pico
        {%- for fault in drift_faults() %},
        coalesce({{ fault.pico }}, 0) as fault_{{ loop.index }}
        {%- endfor %}
    from by_book
    where {{ once() }}
),

-- half an explanation is a guess: one fault leaves at most a hundredth of the difference, two
-- nothing, and three would explain anything. 1: one fault that leaves nothing, 2: a pair, 3: one
-- that leaves something; then the places of the faults. Other prices are a fault too.
chosen as (
    select
        *,
        case
            when book <> 'own' and abs(drift_pico - book_pico) <= tolerance_pico then 10000
            {%- for fault in drift_faults() %}
            when
                fault_{{ loop.index }} <> 0
                and abs(drift_pico - book_pico - fault_{{ loop.index }}) <= tolerance_pico
                then case when book = 'own' then 10000 else 20000 end + {{ loop.index * 100 }}
            {%- endfor %}
            {%- for one, other in drift_pairs() %}
            when
                book = 'own' and fault_{{ one }} <> 0 and fault_{{ other }} <> 0
                and abs(drift_pico - fault_{{ one }} - fault_{{ other }}) <= tolerance_pico
                then {{ 20000 + one * 100 + other }}
            {%- endfor %}
            when book <> 'own' and abs(drift_pico - book_pico) * 100 <= abs(drift_pico) then 30000
            {%- for fault in drift_faults() %}
            when
                book = 'own' and fault_{{ loop.index }} <> 0
                and abs(drift_pico - fault_{{ loop.index }}) * 100 <= abs(drift_pico)
                then {{ 30000 + loop.index * 100 }}
            {%- endfor %}
        end as choice
    from possible
),

ranked as (
    select
        *,
        row_number() over (partition by request_key order by choice nulls last, book nulls last) as choice_rank
    from chosen
    where choice is not null
),

taken as (
    select
        request_key,
        book_cause,
        book_pico,
        {%- for column, value, otherwise in [('cause', "'{cause}'", 'null'), ('pico', 'fault_{place}', '0')] %}
        case
            {%- for fault in drift_faults() %}
            when choice % 10000 between {{ loop.index * 100 }} and {{ loop.index * 100 + 99 }}
                then {{ value.format(cause=fault.cause, place=loop.index) }}
            {%- endfor %}
            else {{ otherwise }}
        end as first_{{ column }},
        case choice % 100
            {%- for fault in drift_faults() %}
            when {{ loop.index }} then {{ value.format(cause=fault.cause, place=loop.index) }}
            {%- endfor %}
            else {{ otherwise }}
        end as second_{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from ranked
    where choice_rank = 1
)

select
    claims.request_key,
    claims.tolerance_pico,
    taken.book_cause,
    taken.book_pico,
    taken.first_cause,
    taken.first_pico,
    taken.second_cause,
    taken.second_pico,
    claims.drift_pico
    - coalesce(taken.book_pico + taken.first_pico + taken.second_pico, 0) as left_pico
from {{ claims }} as claims
left join taken on claims.request_key = taken.request_key
{%- endmacro %}
