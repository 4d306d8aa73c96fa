-- Fails if more of a cell's quantity is explained than was logged, or more of a charge's than billed.
with matches as (
    select * from {{ ref('int_matches') }}
),

of_cells as (
    select cell_id, cell_meter, sum(quantity) as quantity
    from matches
    group by cell_id, cell_meter
),

of_parts as (
    select part_id, sum(quantity) as quantity
    from matches
    group by part_id
)

select 'cell ' || of_cells.cell_id as explained_twice
from of_cells
left join {{ ref('int_cell_meters') }} as cell_meters
    on of_cells.cell_id = cell_meters.cell_id and of_cells.cell_meter = cell_meters.meter
where cell_meters.quantity is null or of_cells.quantity > cell_meters.quantity
union all
select 'charge part ' || of_parts.part_id
from of_parts
left join {{ ref('int_charge_parts') }} as parts on of_parts.part_id = parts.part_id
where parts.quantity is null or of_parts.quantity > parts.quantity
