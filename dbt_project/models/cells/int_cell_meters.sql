{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per cell and meter: what was logged and what it costs by price book and contract. The
-- costs are NULL where any of it has no price. Where providers state what requests cost: that, the contracted cost
-- of the same requests, and the estimate, which is what is stated and of the others the contracted cost.
with stated as (
    select * from {{ ref('int_stated_costs') }}
),

request_meters as (
    select
        request_meters.*,
        stated.stated_cost_pico
    from {{ ref('int_request_meters') }} as request_meters
    left join stated
        on
            request_meters.request_key = stated.request_key
            and request_meters.usage_date = stated.usage_date
            and request_meters.meter = stated.meter
),

final as (
    select
        cell_id,
        meter,
        usage_date,
        day_hash,
        cast(sum(quantity) as bigint) as quantity,
        case when count(*) = count(list_cost_pico) then sum(list_cost_pico) end as list_cost_pico,
        case when count(*) = count(contracted_cost_pico) then sum(contracted_cost_pico) end
            as contracted_cost_pico,
        sum(stated_cost_pico) as stated_cost_pico,
        case
            when count(stated_cost_pico) = count(case when stated_cost_pico is not null then contracted_cost_pico end)
                then sum(case when stated_cost_pico is not null then contracted_cost_pico end)
        end as stated_contracted_pico,
        case
            when count(*) = count(coalesce(stated_cost_pico, contracted_cost_pico))
                then sum(coalesce(stated_cost_pico, contracted_cost_pico))
        end as estimated_cost_pico
    from request_meters
    group by cell_id, meter, usage_date, day_hash
)

select * from final
