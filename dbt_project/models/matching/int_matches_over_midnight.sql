-- One row per match over the midnight between two billing months, beside the months in hand: as int_matches, with
-- its share of the list and contracted cost of the cell. It is decided first, by the same levels, on the charges of
-- a day or less and the cells of the day before and the day after alone, so that what a month reads of another is
-- one day; the months are then matched apart with what is left. match_order is the level's, and 100.
with recursive midnights as (
    select cast(billing_month as timestamp) as midnight
    from {{ ref('int_months_in_hand') }}
    union
    select cast(billing_month + interval 1 month as timestamp) from {{ ref('int_months_in_hand') }}
),

parts as (
    select
        charge_parts.*,
        row_number() over (order by charge_parts.part_id nulls last) as part_no
    from {{ ref('int_charge_parts') }} as charge_parts
    inner join midnights
        on
            charge_parts.charge_period_start < midnights.midnight + interval 24 hour
            and midnights.midnight - interval 24 hour < charge_parts.charge_period_end
    where
        {{ is_metered('charge_parts') }}
        and charge_category = 'Usage'
        and quantity > 0
        and not {{ is_longer_than_a_day('charge_parts') }}
        and {{ billed_date('charge_period_start', 'charge_period_end') }}
        >= (select cast(since as date) from {{ ref('int_since') }})
),

cells as (
    select
        cells.*,
        cell_meters.meter,
        cell_meters.quantity,
        cell_meters.list_cost_pico,
        cell_meters.contracted_cost_pico,
        row_number() over (order by cells.cell_id || ':' || cell_meters.meter nulls last) as cell_no
    from {{ ref('int_cells_in_hand') }} as cells
    inner join midnights
        on
            cells.usage_hour < midnights.midnight + interval 24 hour
            and midnights.midnight - interval 24 hour <= cells.usage_hour
    inner join {{ ref('int_cell_meters') }} as cell_meters on cells.cell_id = cell_meters.cell_id
    where cells.pool is null
),

{{ matches_by_level('true') }},

crossing as (
    select
        parts.part_id,
        cells.cell_id,
        cells.meter as cell_meter,
        cells.cell_no,
        cells.quantity as cell_quantity,
        cells.list_cost_pico,
        cells.contracted_cost_pico,
        steps.taken as quantity,
        levels.meter = 'open' as is_unnamed,
        100 + levels.match_order as match_order,
        levels.match_level
    from steps
    inner join levels on steps.step = levels.step
    inner join parts on steps.part_no = parts.part_no
    inner join cells on steps.cell_no = cells.cell_no
    where steps.taken is not null and not {{ is_of_month('parts', 'cells') }}
),

-- what is left of a cell for its own month, so that all of its cost is split
shared as (
    select * from crossing
    union all
    select
        null as part_id,
        cell_id,
        cell_meter,
        cell_no,
        max(cell_quantity) as cell_quantity,
        max(list_cost_pico) as list_cost_pico,
        max(contracted_cost_pico) as contracted_cost_pico,
        max(cell_quantity) - sum(quantity) as quantity,
        false as is_unnamed,
        0 as match_order,
        'none' as match_level
    from crossing
    group by cell_id, cell_meter, cell_no
),

listed as (
    {{ split_exactly(
        'shared', 'list_cost_pico', 'quantity', 'cell_quantity', 'cell_no',
        ["coalesce(part_id, '')", 'match_order'], 'list_pico'
    ) }}
),

contracted as (
    {{ split_exactly(
        'listed', 'contracted_cost_pico', 'quantity', 'cell_quantity', 'cell_no',
        ["coalesce(part_id, '')", 'match_order'], 'contracted_pico'
    ) }}
),

final as (
    select
        part_id,
        cell_id,
        cell_meter,
        cast(quantity as bigint) as quantity,
        list_pico,
        contracted_pico,
        is_unnamed,
        match_order,
        match_level
    from contracted
    where part_id is not null
)

select * from final
