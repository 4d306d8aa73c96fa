{{ config(database='stage') }}
-- One row per request whose provider states what it cost, and meter: the meter's part of that, by contracted cost
-- where all meters of the request have one, else by quantity.
with requests as (
    select
        request_key,
        usage_date,
        {{ stated_pico('requests') }} as stated_pico
    from {{ ref('int_requests') }} as requests
    where provider in ('{{ providers_that_state() | join("', '") }}')
),

stated as (
    select * from requests
    where stated_pico is not null
),

metered as (
    select
        request_meters.request_key,
        request_meters.usage_date,
        request_meters.meter,
        request_meters.quantity,
        request_meters.contracted_cost_pico,
        stated.stated_pico,
        count(*) over (partition by request_meters.request_key, request_meters.usage_date) as meters,
        count(request_meters.contracted_cost_pico)
            over (partition by request_meters.request_key, request_meters.usage_date) as contracted_meters,
        sum(request_meters.contracted_cost_pico)
            over (partition by request_meters.request_key, request_meters.usage_date) as contracted_pico
    from {{ ref('int_request_meters') }} as request_meters
    inner join stated
        on request_meters.request_key = stated.request_key and request_meters.usage_date = stated.usage_date
),

weighted as (
    select
        *,
        case when meters = contracted_meters and contracted_pico > 0 then contracted_cost_pico else quantity end
            as weight
    from metered
),

totals as (
    select *, sum(weight) over (partition by request_key, usage_date) as total_weight
    from weighted
),

shares as (
    {{ split_exactly(
        'totals', 'stated_pico', 'weight', 'total_weight', 'request_key, usage_date', 'meter', 'stated_cost_pico'
    ) }}
),

final as (
    select request_key, usage_date, meter, stated_cost_pico from shares
)

select * from final
