-- One row per cell of the months in hand and meter: what was logged and what it costs, without what explains
-- charges of the month beside it (int_matches_over_midnight).
with cells as (
    select cell_id from {{ ref('int_cells_in_hand') }}
    where {{ first_of_month('usage_date') }} in (select billing_month from {{ ref('int_months_in_hand') }})
),

cell_meters as (
    select * from {{ ref('int_cell_meters') }}
),

over_midnight as (
    select
        cell_id,
        cell_meter,
        sum(quantity) as quantity,
        sum(list_pico) as list_pico,
        sum(contracted_pico) as contracted_pico
    from {{ ref('int_matches_over_midnight') }}
    group by cell_id, cell_meter
),

final as (
    select
        cell_meters.cell_id,
        cell_meters.meter,
        cell_meters.usage_date,
        cast(cell_meters.quantity - coalesce(over_midnight.quantity, 0) as bigint) as quantity,
        cast(cell_meters.list_cost_pico - coalesce(over_midnight.list_pico, 0) as decimal(38, 0)) as list_cost_pico,
        cast(cell_meters.contracted_cost_pico - coalesce(over_midnight.contracted_pico, 0) as decimal(38, 0))
            as contracted_cost_pico
    from cell_meters
    inner join cells on cell_meters.cell_id = cells.cell_id
    left join over_midnight
        on cell_meters.cell_id = over_midnight.cell_id and cell_meters.meter = over_midnight.cell_meter
    where cell_meters.quantity > coalesce(over_midnight.quantity, 0) or over_midnight.cell_id is null
)

select * from final
