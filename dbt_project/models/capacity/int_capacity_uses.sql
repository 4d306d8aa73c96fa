-- One row per cell of a pool: what it used in the pool's unit (gpu_seconds in milliseconds), and the
-- weight it has in its hour: contracted cost where prices.csv prices all that the pool did in that
-- hour, else the use. What a gateway's own cache answered used nothing; a cell that no meter counted
-- cannot carry money and is not here.
with pool_hours as (
    select pool, usage_hour, max(capacity_unit) as capacity_unit
    from {{ ref('int_capacity_hours') }}
    where usage_hour >= (select since from {{ ref('int_since') }})
    group by pool, usage_hour
),

cells as (
    select
        cells.cell_id,
        cells.usage_hour,
        pool_hours.pool,
        pool_hours.capacity_unit,
        cells.provider_requests as requests,
        cells.busy_ms
    from {{ ref('int_cells') }} as cells
    inner join pool_hours
        on cells.pool = pool_hours.pool and cells.usage_hour = pool_hours.usage_hour
    where cells.provider_requests > 0
),

metered as (
    select
        cells.cell_id,
        cells.pool,
        cells.usage_hour,
        cells.capacity_unit,
        cells.requests,
        cells.busy_ms,
        cast(coalesce(sum(meters.quantity) filter (where {{ is_token_meter('meters.meter') }}), 0) as bigint)
            as tokens,
        sum(meters.contracted_cost_pico) as contracted_pico,
        count(*) = count(meters.contracted_cost_pico) as is_priced
    from cells
    inner join {{ ref('int_cell_meters') }} as meters on cells.cell_id = meters.cell_id
    group by cells.cell_id, cells.pool, cells.usage_hour, cells.capacity_unit, cells.requests, cells.busy_ms
),

used as (
    select
        *,
        case capacity_unit
            when 'tokens' then tokens
            when 'requests' then requests
            else busy_ms
        end as used
    from metered
),

final as (
    select
        cell_id,
        pool,
        usage_hour,
        used,
        case
            when
                capacity_unit = 'tokens'
                and bool_and(is_priced) over (partition by pool, usage_hour)
                and sum(contracted_pico) over (partition by pool, usage_hour) > 0
                then contracted_pico
            else used
        end as weight
    from used
    where used > 0
)

select * from final
