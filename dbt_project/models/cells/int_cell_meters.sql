{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per cell and meter: what was logged and what it costs by price book and contract. The
-- costs are NULL where any of it has no price.
with request_meters as (
    select * from {{ ref('int_request_meters') }}
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
            as contracted_cost_pico
    from request_meters
    group by cell_id, meter, usage_date, day_hash
)

select * from final
