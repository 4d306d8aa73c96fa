{{ config(database='stage') }}
-- One row per request and meter whose price has volume bands. Use of a calendar month (UTC, by the
-- start of the request) is counted per provider, billing account, model, meter and tier, in order of
-- start; a request across an edge costs the sum of its parts, a cost is NULL where a part has no
-- price. price_id and unit prices are of the band of its first unit.
{%- if not has_volume_bands() %}
select
    cast(null as string) as request_key,
    cast(null as date) as usage_date,
    cast(null as string) as day_hash,
    cast(null as string) as meter,
    cast(null as bigint) as quantity,
    cast(null as bigint) as used_before,
    cast(null as string) as price_id
    {%- for amount in ['list_pico_per_million', 'contracted_pico_per_million', 'list_cost_pico', 'contracted_cost_pico'] %},
    cast(null as decimal(38, 0)) as {{ amount }}
    {%- endfor %}
where false
{%- else %}
with days as (
    select * from {{ ref('int_days_in_hand') }}
),

prices as (
    select * from {{ ref('int_prices_dated') }}
    where volume_above > 0 or volume_up_to is not null
),

keys as (
    select distinct provider, model, meter, service_tier from prices
),

models as (
    select distinct provider, model, service_tier from keys
),

fees as (
    select * from {{ ref('int_request_fees') }}
),

requests as (
    select
        requests.*,
        cast(null as string) as cell_id,
        days.day_hash,
        fees.model is not null as has_fee
    from {{ ref('int_requests_identified') }} as requests
    inner join models
        on
            requests.provider = models.provider
            and requests.model = models.model
            and requests.service_tier = models.service_tier
    left join days on requests.usage_date = days.usage_date
    left join fees on {{ fee_in_force('fees', 'requests') }}
),

-- a month is counted from its start, whichever of its days are built
months as (
    select distinct {{ start_of('month', 'started_at') }} as month_start
    from requests
    where day_hash is not null
),

of_months as (
    select requests.*
    from requests
    inner join months on {{ start_of('month', 'requests.started_at') }} = months.month_start
),

quantities as (
    {{ metered('of_months') }}
),

counted as (
    select
        quantities.*,
        cast(coalesce(sum(quantities.quantity) over (
            partition by
                quantities.provider,
                quantities.billing_account,
                quantities.model,
                quantities.meter,
                quantities.service_tier,
                {{ start_of('month', 'quantities.started_at') }}
            order by quantities.started_at nulls last, quantities.request_key nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as used_before
    from quantities
    inner join keys
        on
            quantities.provider = keys.provider
            and quantities.model = keys.model
            and quantities.meter = keys.meter
            and quantities.service_tier = keys.service_tier
),

uses as (
    select
        counted.*,
        counted.used_before + counted.quantity as used_after
    from counted
    where day_hash is not null
),

banded as (
    select
        uses.*,
        prices.price_id,
        prices.volume_above,
        prices.list_pico_per_million,
        prices.contracted_pico_per_million,
        least(uses.used_after, coalesce(prices.volume_up_to, uses.used_after))
        - greatest(uses.used_before, prices.volume_above) as part_quantity
    from uses
    inner join prices
        on
            {{ price_of_use('prices', 'uses') }}
),

parts as (
    select
        *,
        {{ cost_pico('part_quantity', 'list_pico_per_million') }} as list_cost_pico,
        {{ cost_pico('part_quantity', 'contracted_pico_per_million') }} as contracted_cost_pico
    from banded
    where part_quantity > 0
),

final as (
    select
        request_key,
        usage_date,
        day_hash,
        meter,
        quantity,
        used_before,
        min(case when volume_above <= used_before then price_id end) as price_id,
        min(case when volume_above <= used_before then list_pico_per_million end) as list_pico_per_million,
        min(case when volume_above <= used_before then contracted_pico_per_million end) as contracted_pico_per_million,
        case
            when quantity = sum(case when list_cost_pico is not null then part_quantity end)
                then sum(list_cost_pico)
        end as list_cost_pico,
        case
            when quantity = sum(case when contracted_cost_pico is not null then part_quantity end)
                then sum(contracted_cost_pico)
        end as contracted_cost_pico
    from parts
    group by request_key, usage_date, day_hash, meter, quantity, used_before
)

select * from final
{%- endif %}
