{{ config(materialized='view') }}
-- One row per usage date x source x owner x name that calls asked for, of which several models answered (a cascade, a router):
-- what the calls cost, all legs of them, and what each would have cost at the dearest of these models, at the negotiated price as of
-- then. It is asked of what the leg that stood used, without fees by the call; NULL where a price is unknown.
with legs as (
    select
        *,
        first_value(coalesce(model_requested, model)) over (
            partition by usage_date, source, call_key order by leg nulls last
        ) as asked_for
    from (
        {{ legs_of_calls() }}
    ) as legs
),

prices as (
    select * from {{ ref('dim_prices') }}
),

price_regions as (
    select distinct provider, model, region from prices
    where region <> '*'
),

-- where else a call goes when a provider fails is no step up
models as (
    select distinct usage_date, source, asked_for, provider, model from legs
    where role <> 'fallback'
),

routed as (
    select usage_date, source, asked_for from models
    group by usage_date, source, asked_for
    having count(*) > 1
),

used as (
    select
        legs.usage_date,
        legs.source,
        legs.asked_for,
        legs.call_key,
        legs.service_tier,
        lower(legs.region) as region,
        legs.started_at,
        legs.price_status,
        {% for meter in ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input'] -%}
        {{ '+ ' if not loop.first }}coalesce(legs.{{ meter }}_quantity, 0)
        {% endfor -%} as context_quantity,
        request_meters.meter,
        request_meters.quantity
    from legs
    inner join routed
        on
            legs.usage_date = routed.usage_date
            and legs.source = routed.source
            and legs.asked_for = routed.asked_for
    left join {{ ref('fct_request_meters') }} as request_meters
        on
            legs.request_key = request_meters.request_key
            and legs.usage_date = request_meters.usage_date
            and request_meters.meter <> 'requests'
    where legs.legs_left = 1
),

uses as (
    select
        used.*,
        models.provider,
        models.model,
        coalesce(price_regions.region, '*') as price_region
    from used
    inner join models
        on
            used.usage_date = models.usage_date
            and used.source = models.source
            and used.asked_for = models.asked_for
    left join price_regions
        on
            models.provider = price_regions.provider
            and models.model = price_regions.model
            and used.region = price_regions.region
),

-- of each call at each of the models
costs as (
    select
        uses.usage_date,
        uses.source,
        uses.asked_for,
        uses.call_key,
        uses.provider,
        uses.model,
        case
            when count(uses.meter) = 0 and uses.price_status = 'unpriced' then cast(null as decimal(38, 0))
            when count(uses.meter) = count(prices.contracted_unit_price_per_million)
                then coalesce(sum({{ cost_pico('uses.quantity', to_pico('prices.contracted_unit_price_per_million')) }}), 0)
        end as cost_pico
    from uses
    left join prices on {{ price_in_force('prices', 'uses') }}
    group by
        uses.usage_date,
        uses.source,
        uses.asked_for,
        uses.call_key,
        uses.provider,
        uses.model,
        uses.price_status
),

-- while one of them has no price nobody knows which is the dearest
ranked as (
    select
        usage_date,
        source,
        asked_for,
        provider,
        model,
        row_number() over (
            partition by usage_date, source, asked_for
            order by
                case when count(*) > count(cost_pico) then 0 else 1 end nulls last,
                sum(cost_pico) desc nulls last,
                provider nulls last,
                model nulls last
        ) as place
    from costs
    group by usage_date, source, asked_for, provider, model
),

tops as (
    select costs.*
    from costs
    inner join ranked
        on
            costs.usage_date = ranked.usage_date
            and costs.source = ranked.source
            and costs.asked_for = ranked.asked_for
            and costs.provider = ranked.provider
            and costs.model = ranked.model
    where ranked.place = 1
),

calls as (
    select
        usage_date,
        source,
        call_key,
        count(*) as legs,
        case when count(*) = count(contracted_cost) then sum(contracted_cost) end as contracted_cost
    from legs
    group by usage_date, source, call_key
),

summed as (
    select
        first_legs.usage_date,
        first_legs.source,
        {{ owner_columns('first_legs') }},
        tops.asked_for,
        tops.provider as top_provider,
        tops.model as top_model,
        count(*) as calls,
        cast(sum(calls.legs) as bigint) as legs,
        case when count(*) = count(calls.contracted_cost) then sum(calls.contracted_cost) end as contracted_cost,
        case when count(*) = count(tops.cost_pico) then {{ from_pico('sum(tops.cost_pico)') }} end as counterfactual_cost
    from legs as first_legs
    inner join calls
        on
            first_legs.usage_date = calls.usage_date
            and first_legs.source = calls.source
            and first_legs.call_key = calls.call_key
    inner join tops
        on
            first_legs.usage_date = tops.usage_date
            and first_legs.source = tops.source
            and first_legs.call_key = tops.call_key
    where first_legs.leg = 1
    group by
        first_legs.usage_date,
        first_legs.source,
        {{ owner_columns('first_legs') }},
        tops.asked_for,
        tops.provider,
        tops.model
),

final as (
    select
        usage_date,
        source,
        {{ owner_columns() }},
        asked_for,
        case when counterfactual_cost is not null then top_provider end as top_provider,
        case when counterfactual_cost is not null then top_model end as top_model,
        calls,
        legs,
        contracted_cost,
        counterfactual_cost,
        counterfactual_cost - contracted_cost as saved_cost
    from summed
)

select * from final
