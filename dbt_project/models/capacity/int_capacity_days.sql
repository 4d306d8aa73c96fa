-- One row per pool and UTC day: what it cost, what it could do and what of that was used. An hour above
-- its capacity is used whole, not more.
with capacity_hours as (
    select * from {{ ref('int_capacity_hours') }}
),

uses as (
    select
        pool,
        usage_hour,
        sum(used) as used
    from {{ ref('int_capacity_uses') }}
    group by pool, usage_hour
),

hours as (
    select
        pool,
        usage_hour,
        max(supply) as supply,
        max(capacity_unit) as capacity_unit,
        sum(capacity) as capacity,
        sum(cost_pico) as cost_pico
    from capacity_hours
    group by pool, usage_hour
),

final as (
    select
        hours.pool,
        cast(hours.usage_hour as date) as usage_date,
        max(hours.supply) as supply,
        max(hours.capacity_unit) as capacity_unit,
        cast(sum(hours.cost_pico) as decimal(38, 0)) as day_pico,
        cast(sum(hours.capacity) as decimal(38, 0)) as capacity,
        cast(sum(least(coalesce(uses.used, 0), hours.capacity)) as decimal(38, 0)) as used_within
    from hours
    left join uses on hours.pool = uses.pool and hours.usage_hour = uses.usage_hour
    group by hours.pool, cast(hours.usage_hour as date)
)

select * from final
