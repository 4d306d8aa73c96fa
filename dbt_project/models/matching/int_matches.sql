-- One row per match: part of a charge x cell x the cell's meter, with the quantity it explains and
-- the level that found it. Levels run from most keys to fewest. At each level a cell offers what it
-- has left to the charges that may take it, in proportion to what they still need; a charge takes at
-- most what it needs. So no quantity is explained twice and none more than it was billed.
-- A cell that does not know its key takes money of another owner's key last, and only where its gateway is
-- said to use the key. Two known values that differ never match; provider, account, model and meter are never dropped. A
-- charge that names no model or no meter has levels of its own, and of what it takes the contracted cost
-- is told: tokens of several models or meters are no common measure. Months are matched apart: what explains
-- a charge over the midnight between two was decided before, and is among the rows.
-- numbers in place of ids: their order is that of the ids, which breaks ties
with recursive over_midnight as (
    select matches.*
    from {{ ref('int_matches_over_midnight') }} as matches
    inner join {{ ref('int_parts_in_hand') }} as parts on matches.part_id = parts.part_id
),

parts as (
    select
        {{ all_but('quantity', of='parts_in_hand') }},
        parts_in_hand.quantity - coalesce(explained.quantity, 0) as quantity,
        row_number() over (order by parts_in_hand.part_id nulls last) as part_no
    from {{ ref('int_parts_in_hand') }} as parts_in_hand
    left join (
        select part_id, sum(quantity) as quantity from over_midnight group by part_id
    ) as explained
        on parts_in_hand.part_id = explained.part_id
    where
        {{ is_metered('parts_in_hand') }}
        and charge_category = 'Usage'
        and parts_in_hand.quantity > coalesce(explained.quantity, 0)
        and {{ billed_date('charge_period_start', 'charge_period_end') }}
        >= (select cast(since as date) from {{ ref('int_since') }})
),

cells as (
    select
        cells.*,
        cell_meters.meter,
        cell_meters.quantity,
        cell_meters.contracted_cost_pico,
        row_number() over (order by cells.cell_id || ':' || cell_meters.meter nulls last) as cell_no
    from {{ ref('int_cells_in_hand') }} as cells
    inner join {{ ref('int_cell_meters_in_hand') }} as cell_meters on cells.cell_id = cell_meters.cell_id
    -- what a pool did is paid by the month
    where cells.pool is null
),

{{ matches_by_level('is_of_month') }},

final as (
    select
        parts.part_id,
        cells.cell_id,
        cells.meter as cell_meter,
        steps.taken as quantity,
        case
            when levels.meter = 'open'
                then {{ split_floor('cells.contracted_cost_pico', 'steps.taken', 'cells.quantity') }}
        end as contracted_pico,
        levels.match_order,
        levels.match_level
    from steps
    inner join levels on steps.step = levels.step
    inner join parts on steps.part_no = parts.part_no
    inner join cells on steps.cell_no = cells.cell_no
    where steps.taken is not null
    union all
    select
        part_id,
        cell_id,
        cell_meter,
        quantity,
        case when is_unnamed then contracted_pico end as contracted_pico,
        match_order,
        match_level
    from over_midnight
)

select * from final
