-- One row per UTC day x pool x line x owner (team, feature): who used the pool (line `use`), and whose
-- it is (line `owner`): the capacity and what of it was idle. Three views of the day's cost, each of
-- which sums to it: used only (use by use, idle to the owner), fully loaded (all of it by use; a day
-- without use to the owner), reserved share (all of it to the owners).
with allocations as (
    select * from {{ ref('int_matched_allocations') }}
    where match_level = 'capacity' or residual_cause = 'idle_capacity'
),

charges as (
    select * from {{ ref('int_capacity_charges') }}
    where charge_period_start >= (select since from {{ ref('int_since') }})
),

capacity as (
    select charge_id, sum(capacity) as capacity
    from {{ ref('int_capacity_hours') }}
    group by charge_id
),

hourly_uses as (
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
    from {{ ref('int_capacity_hours') }}
    group by pool, usage_hour
),

-- an hour above its capacity is used whole, not more
pool_days as (
    select
        hours.pool,
        cast(hours.usage_hour as date) as usage_date,
        max(hours.supply) as supply,
        max(hours.capacity_unit) as capacity_unit,
        cast(sum(hours.cost_pico) as decimal(38, 0)) as day_pico,
        cast(sum(hours.capacity) as decimal(38, 0)) as capacity,
        cast(sum(least(coalesce(hourly_uses.used, 0), hours.capacity)) as decimal(38, 0)) as used_within
    from hours
    left join hourly_uses on hours.pool = hourly_uses.pool and hours.usage_hour = hourly_uses.usage_hour
    group by hours.pool, cast(hours.usage_hour as date)
),

team_uses as (
    select
        cells.usage_date,
        uses.pool,
        cells.team,
        cells.feature,
        cast(sum(uses.used) as decimal(38, 0)) as used
    from {{ ref('int_capacity_uses') }} as uses
    inner join {{ ref('int_cells') }} as cells on uses.cell_id = cells.cell_id
    group by cells.usage_date, uses.pool, cells.team, cells.feature
),

use_costs as (
    select
        allocations.usage_date,
        charges.pool,
        allocations.team,
        allocations.feature,
        sum(allocations.billed_pico) as used_pico
    from allocations
    inner join charges on allocations.charge_id = charges.charge_id
    where allocations.match_level = 'capacity'
    group by allocations.usage_date, charges.pool, allocations.team, allocations.feature
),

idle_costs as (
    select charge_id, sum(billed_pico) as idle_pico
    from allocations
    where residual_cause = 'idle_capacity'
    group by charge_id
),

weighted as (
    select
        use_costs.*,
        pool_days.day_pico,
        use_costs.pool || ':' || use_costs.usage_date as pool_day,
        sum(use_costs.used_pico) over (partition by use_costs.pool, use_costs.usage_date) as total_used_pico
    from use_costs
    inner join pool_days
        on use_costs.pool = pool_days.pool and use_costs.usage_date = pool_days.usage_date
),

spread as (
    select * from weighted
    where total_used_pico > 0
),

loaded as (
    {{ split_exactly(
        'spread', 'day_pico', 'used_pico', 'total_used_pico', 'pool_day', ['team', 'feature'], 'loaded_pico'
    ) }}
),

use_lines as (
    select
        team_uses.usage_date,
        team_uses.pool,
        'use' as line,
        team_uses.team,
        team_uses.feature,
        team_uses.used,
        cast(0 as decimal(38, 0)) as capacity,
        coalesce(use_costs.used_pico, 0) as used_only_pico,
        coalesce(loaded.loaded_pico, 0) as fully_loaded_pico,
        cast(0 as decimal(38, 0)) as reserved_share_pico,
        cast(0 as decimal(38, 0)) as idle_pico
    from team_uses
    left join use_costs
        on
            team_uses.usage_date = use_costs.usage_date
            and team_uses.pool = use_costs.pool
            and team_uses.team = use_costs.team
            and team_uses.feature = use_costs.feature
    left join loaded
        on
            team_uses.usage_date = loaded.usage_date
            and team_uses.pool = loaded.pool
            and team_uses.team = loaded.team
            and team_uses.feature = loaded.feature
),

used_days as (
    select distinct pool, usage_date from loaded
),

owner_lines as (
    select
        cast(charges.charge_period_start as date) as usage_date,
        charges.pool,
        'owner' as line,
        coalesce(charges.owner_team, '__unallocated__') as team,
        '__unallocated__' as feature,
        cast(0 as decimal(38, 0)) as used,
        sum(capacity.capacity) as capacity,
        sum(coalesce(idle_costs.idle_pico, 0)) as used_only_pico,
        sum(case when used_days.pool is null then charges.billed_pico else 0 end) as fully_loaded_pico,
        sum(charges.billed_pico) as reserved_share_pico,
        sum(coalesce(idle_costs.idle_pico, 0)) as idle_pico
    from charges
    inner join capacity on charges.charge_id = capacity.charge_id
    left join idle_costs on charges.charge_id = idle_costs.charge_id
    left join used_days
        on
            charges.pool = used_days.pool
            and cast(charges.charge_period_start as date) = used_days.usage_date
    group by 1, 2, 4
),

lines as (
    select * from use_lines
    union all
    select * from owner_lines
),

final as (
    select
        lines.usage_date,
        lines.pool,
        pool_days.supply,
        pool_days.capacity_unit,
        lines.line,
        lines.team,
        lines.feature,
        {{ in_capacity_unit('lines.used', 'pool_days.capacity_unit') }} as used_quantity,
        {{ in_capacity_unit('lines.capacity', 'pool_days.capacity_unit') }} as capacity,
        cast(
            {{ split_floor('1000000', 'pool_days.used_within', 'pool_days.capacity') }}
            * cast(0.000001 as decimal(6, 6)) as decimal(7, 6)
        ) as pool_utilisation,
        {{ from_pico('lines.used_only_pico') }} as used_only_cost,
        {{ from_pico('lines.fully_loaded_pico') }} as fully_loaded_cost,
        {{ from_pico('lines.reserved_share_pico') }} as reserved_share_cost,
        {{ from_pico('lines.idle_pico') }} as idle_cost
    from lines
    inner join pool_days on lines.pool = pool_days.pool and lines.usage_date = pool_days.usage_date
)

select * from final
