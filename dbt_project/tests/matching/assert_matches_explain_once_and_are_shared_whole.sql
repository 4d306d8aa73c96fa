-- Fails if more of a cell's quantity is explained than was logged, more of a charge's than billed, or if
-- what a match explains is not what its share says.
with matches as (
    select * from {{ ref('int_matches') }}
),

-- what explains over the midnight between two months is no more of the cells in hand
of_cells as (
    select cell_id, cell_meter, sum(quantity) as quantity
    from matches
    where not {{ is_over_midnight() }}
    group by cell_id, cell_meter
),

over_midnight as (
    select cell_id, cell_meter, sum(quantity) as quantity
    from {{ ref('int_matches_over_midnight') }}
    group by cell_id, cell_meter
),

of_parts as (
    select part_id, sum(quantity) as quantity
    from matches
    group by part_id
),

matched as (
    select part_id, cell_id, cell_meter, match_order, sum(quantity) as quantity
    from matches
    group by part_id, cell_id, cell_meter, match_order
),

shared as (
    select part_id, cell_id, cell_meter, match_order, sum(quantity) as quantity
    from {{ ref('int_part_shares') }}
    where
        cell_id is not null
        and match_level <> 'no_quantity'
        and allocation_method not in ('reversal', 'same_tokens')
    group by part_id, cell_id, cell_meter, match_order
)

select 'more is explained than was logged: cell ' || of_cells.cell_id as problem
from of_cells
left join {{ ref('int_cell_meters_in_hand') }} as cell_meters
    on of_cells.cell_id = cell_meters.cell_id and of_cells.cell_meter = cell_meters.meter
where cell_meters.quantity is null or of_cells.quantity > cell_meters.quantity
union all
select 'more is explained over midnight than was logged: cell ' || over_midnight.cell_id
from over_midnight
left join {{ ref('int_cell_meters') }} as cell_meters
    on over_midnight.cell_id = cell_meters.cell_id and over_midnight.cell_meter = cell_meters.meter
where cell_meters.quantity is null or over_midnight.quantity > cell_meters.quantity
union all
select 'more is explained than was billed: charge part ' || of_parts.part_id
from of_parts
left join {{ ref('int_parts_in_hand') }} as parts on of_parts.part_id = parts.part_id
where parts.quantity is null or of_parts.quantity > parts.quantity
union all
select 'a match is not its share: charge part ' || coalesce(matched.part_id, shared.part_id)
from matched
full outer join shared
    on
        matched.part_id = shared.part_id
        and matched.cell_id = shared.cell_id
        and matched.cell_meter = shared.cell_meter
        and matched.match_order = shared.match_order
where matched.quantity is distinct from shared.quantity
