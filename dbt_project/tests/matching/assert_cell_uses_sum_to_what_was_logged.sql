-- Fails if the uses of a cell's meter do not sum to its quantity and costs.
with uses as (
    select
        cell_id,
        cell_meter,
        sum(quantity) as quantity,
        sum(list_pico) as list_pico,
        sum(contracted_pico) as contracted_pico
    from {{ ref('int_cell_uses') }}
    group by cell_id, cell_meter
),

logged as (
    select * from {{ ref('int_cell_meters') }}
)

select coalesce(uses.cell_id, logged.cell_id) as cell_id
from uses
full outer join logged on uses.cell_id = logged.cell_id and uses.cell_meter = logged.meter
where
    uses.quantity is distinct from logged.quantity
    or uses.list_pico is distinct from logged.list_cost_pico
    or uses.contracted_pico is distinct from logged.contracted_cost_pico
