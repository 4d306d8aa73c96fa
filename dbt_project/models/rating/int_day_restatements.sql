{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per day x model x meter x price before x price after: of a day that was published as something else
-- when it was made, the requests whose use is as published and whose cost is not.
with published_days as (
    select * from {{ source('landing', 'published_days') }}
),

published as (
    select * from {{ source('landing', 'published_request_meters') }}
),

-- by the names of their files: those of days that stand are not opened
replaced_days as (
    select
        days_in_hand.usage_date,
        days_in_hand.day_hash
    from {{ ref('int_days_in_hand') }} as days_in_hand
    inner join published_days on days_in_hand.usage_date = published_days.usage_date
    where days_in_hand.day_hash <> published_days.day_hash
),

before as (
    select
        published.request_key,
        published.usage_date,
        replaced_days.day_hash,
        published.meter,
        published.quantity,
        published.price_id,
        {{ to_pico('published.list_unit_price_per_million') }} as list_pico_per_million,
        {{ to_pico('published.contracted_unit_price_per_million') }} as contracted_pico_per_million,
        {{ to_pico('published.list_cost') }} as list_cost_pico,
        {{ to_pico('published.contracted_cost') }} as contracted_cost_pico
    from published
    inner join replaced_days on published.usage_date = replaced_days.usage_date
),

after as (
    select rated.*
    from {{ ref('int_request_meters') }} as rated
    inner join (select distinct request_key, usage_date from before) as again
        on rated.request_key = again.request_key and rated.usage_date = again.usage_date
),

requests as (
    select request_key, usage_date, provider, model, service_tier from {{ ref('int_requests') }}
),

pairs as (
    select
        coalesce(before.request_key, after.request_key) as request_key,
        coalesce(before.usage_date, after.usage_date) as usage_date,
        coalesce(before.day_hash, after.day_hash) as day_hash,
        coalesce(before.meter, after.meter) as meter,
        coalesce(after.quantity, before.quantity) as quantity,
        (before.quantity is not distinct from after.quantity) as is_same,
        before.price_id as price_id_before,
        after.price_id as price_id_after,
        before.list_pico_per_million as list_price_before,
        after.list_pico_per_million as list_price_after,
        before.contracted_pico_per_million as contracted_price_before,
        after.contracted_pico_per_million as contracted_price_after,
        before.list_cost_pico as list_cost_before,
        after.list_cost_pico as list_cost_after,
        before.contracted_cost_pico as contracted_cost_before,
        after.contracted_cost_pico as contracted_cost_after
    from before
    full outer join after
        on
            before.request_key = after.request_key
            and before.usage_date = after.usage_date
            and before.meter = after.meter
),

-- a request that was logged anew with other tokens is another use, not another price; a fee per
-- request is metered where it has a price
same_use as (
    select request_key
    from pairs
    group by request_key
    having bool_and(is_same) filter (where meter <> 'requests')
),

repriced as (
    select
        pairs.*,
        requests.provider,
        requests.model,
        requests.service_tier
    from pairs
    inner join same_use on pairs.request_key = same_use.request_key
    inner join requests
        on pairs.request_key = requests.request_key and pairs.usage_date = requests.usage_date
    where
        pairs.list_cost_before is distinct from pairs.list_cost_after
        or pairs.contracted_cost_before is distinct from pairs.contracted_cost_after
),

-- what the contracted price of the lower list price is, if the discount is that of the higher one
same_discount as (
    select
        *,
        list_price_before < list_price_after as is_raised,
        {{ split_floor(
            'greatest(contracted_price_before, contracted_price_after)',
            'least(list_price_before, list_price_after)',
            'greatest(list_price_before, list_price_after, 1)',
        ) }} as expected_price
    from repriced
),

explained as (
    select
        *,
        row_number() over (partition by request_key order by meter nulls last) as meter_no,
        case
            when list_cost_before is null then 'became_priced'
            when list_cost_after is null then 'became_unpriced'
            -- a price's id starts with the key that it is the price of
            when instr(price_id_before, concat_ws('/', provider, model, service_tier, meter, '')) <> 1
                then 'other_model'
            -- the month's use, of late logs too, reached another band of one and the same price
            when
                price_id_before <> price_id_after
                and {{ without_volume_band('price_id_before') }} = {{ without_volume_band('price_id_after') }}
                then 'volume'
            when
                price_id_before = price_id_after
                and list_price_before = list_price_after
                and contracted_price_before = contracted_price_after
                then 'volume'
            when list_cost_before = list_cost_after then 'contract'
            when contracted_cost_before = contracted_cost_after then 'list_price'
            -- without a contract; days that an earlier release published say no unit price
            when list_cost_before = contracted_cost_before and list_cost_after = contracted_cost_after
                then 'list_price'
            when
                is_raised = (contracted_price_before < contracted_price_after)
                and abs(expected_price - least(contracted_price_before, contracted_price_after)) <= 1
                then 'list_price'
            else 'both'
        end as reason
    from same_discount
),
{% set grain = [
    'usage_date', 'provider', 'model', 'meter', 'service_tier', 'price_id_before', 'price_id_after',
    'list_price_before', 'list_price_after', 'contracted_price_before', 'contracted_price_after',
    'reason',
] %}
{%- set costs = [
    'list_cost_before', 'list_cost_after', 'contracted_cost_before', 'contracted_cost_after',
] %}
final as (
    select
        {{ grain | join(', ') }},
        day_hash,
        count(*) as requests,
        count(*) filter (where meter_no = 1) as requests_once,
        cast(sum(quantity) as bigint) as quantity,
        {%- for cost in costs %}
        cast(sum({{ cost }}) as decimal(38, 0)) as {{ cost }}{{ "," if not loop.last }}
        {%- endfor %}
    from explained
    group by {{ grain | join(', ') }}, day_hash
)

select * from final
