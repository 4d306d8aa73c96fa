-- One row per charge of capacity x cell and meter of its pool and hour, and one for what was idle:
-- the exact share of the charge. An hour costs its part of the month; of that the used part (use over
-- capacity, at most all) goes to the hour's cells by weight, the rest was idle.
with hours as (
    select
        *,
        sum(capacity) over (partition by pool, usage_hour) as pool_capacity
    from {{ ref('int_capacity_hours') }}
),

uses as (
    select
        *,
        sum(used) over (partition by pool, usage_hour) as pool_used,
        sum(weight) over (partition by pool, usage_hour) as total_weight
    from {{ ref('int_capacity_uses') }}
),

cell_meters as (
    select
        meters.cell_id,
        meters.meter,
        meters.quantity,
        meters.contracted_cost_pico,
        count(*) over (partition by meters.cell_id)
        = count(meters.contracted_cost_pico) over (partition by meters.cell_id)
        and sum(meters.contracted_cost_pico) over (partition by meters.cell_id) > 0 as is_priced
    from {{ ref('int_cell_meters') }} as meters
    inner join uses on meters.cell_id = uses.cell_id
),

meters as (
    select
        cell_id,
        meter,
        case when is_priced then contracted_cost_pico else quantity end as weight
    from cell_meters
),

pool_uses as (
    select distinct pool, usage_hour, pool_used
    from uses
),

costed as (
    select
        hours.charge_id,
        hours.pool,
        hours.usage_hour,
        hours.charge_id || ':' || hours.line || ':' || hours.usage_hour as charge_hour,
        hours.cost_pico,
        {{ split_floor(
            'hours.cost_pico',
            'least(coalesce(pool_uses.pool_used, 0), hours.pool_capacity)',
            'hours.pool_capacity'
        ) }} as used_pico
    from hours
    left join pool_uses
        on hours.pool = pool_uses.pool and hours.usage_hour = pool_uses.usage_hour
),

cell_weights as (
    select
        costed.charge_id,
        costed.charge_hour,
        costed.used_pico,
        uses.cell_id,
        uses.weight,
        uses.total_weight
    from costed
    inner join uses on costed.pool = uses.pool and costed.usage_hour = uses.usage_hour
),

cell_shares as (
    {{ split_exactly(
        'cell_weights', 'used_pico', 'weight', 'total_weight', 'charge_hour', 'cell_id', 'cell_pico'
    ) }}
),

-- within a cell by contracted cost where all of it has one, else by quantity
meter_weights as (
    select
        cell_shares.charge_id,
        cell_shares.cell_id,
        meters.meter as cell_meter,
        cell_shares.charge_hour || ':' || cell_shares.cell_id as charge_cell,
        cell_shares.cell_pico,
        meters.weight,
        sum(meters.weight) over (partition by cell_shares.charge_hour, cell_shares.cell_id) as meters_weight
    from cell_shares
    inner join meters on cell_shares.cell_id = meters.cell_id
),

meter_shares as (
    {{ split_exactly(
        'meter_weights', 'cell_pico', 'weight', 'meters_weight', 'charge_cell', 'cell_meter', 'share_pico'
    ) }}
),

used_shares as (
    select
        charge_id,
        cell_id,
        cell_meter,
        cast(sum(share_pico) as decimal(38, 0)) as billed_pico
    from meter_shares
    group by charge_id, cell_id, cell_meter
),

idle_shares as (
    select
        charge_id,
        cast(null as varchar) as cell_id,
        cast(null as varchar) as cell_meter,
        cast(sum(cost_pico - used_pico) as decimal(38, 0)) as billed_pico
    from costed
    group by charge_id
    having sum(cost_pico - used_pico) <> 0
),

final as (
    select * from used_shares
    union all
    select * from idle_shares
)

select * from final
