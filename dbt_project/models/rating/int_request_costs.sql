{{ config(database='stage') }}
-- One row per request that used something of a provider: what its meters sum to. A sum is of those that have the price;
-- whether all have is said by their numbers.
with request_meters as (
    select * from {{ ref('int_request_meters') }}
),

final as (
    select
        request_key,
        usage_date,
        count(*) as meters,
        count(list_cost_pico) as priced_meters,
        count(contracted_cost_pico) as contracted_meters,
        sum(list_cost_pico) as list_cost_pico,
        sum(contracted_cost_pico) as contracted_cost_pico,
        min(price_id) as price_id,
        max(case when meter = 'input' then contracted_pico_per_million end) as input_pico_per_million,
        max(case when meter = 'cache_read' then quantity end) as cache_read,
        max(case when meter = 'cache_read' then contracted_cost_pico end) as cache_read_pico,
        -- by contract, else by list
        case
            when count(*) = count(coalesce(contracted_cost_pico, list_cost_pico))
                then sum(coalesce(contracted_cost_pico, list_cost_pico))
        end as cost_pico,
        sum(case when {{ meter_side('meter') }} = 'input' then coalesce(contracted_cost_pico, list_cost_pico) end)
            as input_cost_pico,
        sum(case when list_cost_pico is null then quantity else 0 end) as unpriced_quantity,
        sum(case when {{ is_token_meter('meter') }} then quantity else 0 end) as tokens
    from request_meters
    group by request_key, usage_date
)

select * from final
