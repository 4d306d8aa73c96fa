-- Fails if requests' shares of an allocation (macros/marts/shares_of_requests.sql) do not sum to it: of the days that
-- this run built; what floors leave decides the sum, so no share is ranked. Of the months that it built if an allocation
-- is of a cell and meter that no request used.
with request_meters as (
    select * from {{ written_rows('fct_request_meters') }} as written
),

of_cells as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null and {{ is_of_months_in_hand() }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null and usage_date in (select usage_date from {{ ref('int_requests') }})
),

weights as (
    select cell_id, usage_date, meter, sum(quantity) as quantity
    from request_meters
    group by cell_id, usage_date, meter
),

weighed as (
    select
        allocations.allocation_id,
        allocations.cell_id,
        allocations.usage_date,
        allocations.cell_meter,
        weights.quantity,
        {{ to_pico('allocations.effective_cost + allocations.estimated_cost') }} as pico
    from allocations
    left join weights
        on
            allocations.cell_id = weights.cell_id
            and allocations.usage_date = weights.usage_date
            and allocations.cell_meter = weights.meter
),

-- each request once: facts_rows_are_whole
floors as (
    select
        weighed.allocation_id,
        count(*) as shares,
        sum({{ split_floor('abs(weighed.pico)', 'request_meters.quantity', 'weighed.quantity') }}) as floor_pico
    from weighed
    inner join request_meters
        on
            weighed.cell_id = request_meters.cell_id
            and weighed.usage_date = request_meters.usage_date
            and weighed.cell_meter = request_meters.meter
    group by weighed.allocation_id
),

shares as (
    select
        weighed.allocation_id,
        {{ from_pico(sum_of_split('weighed.pico', 'floors.floor_pico', 'floors.shares')) }} as cost
    from weighed
    inner join floors on weighed.allocation_id = floors.allocation_id
),

used as (
    select distinct cell_id, usage_date, meter
    from {{ ref('int_cell_meters') }}
    where quantity > 0 and usage_date in (select usage_date from of_cells)
)

select allocations.allocation_id
from allocations
left join shares on allocations.allocation_id = shares.allocation_id
where
    case when allocations.cost_basis = 'billed' and allocations.billed_cost <> 0 then shares.cost else 0 end
    is distinct from allocations.billed_cost
    or case when allocations.cost_basis = 'billed' then shares.cost else 0 end
    is distinct from allocations.effective_cost
    or case when allocations.cost_basis = 'estimated' then shares.cost else 0 end
    is distinct from allocations.estimated_cost
    or shares.allocation_id is null
union all
select of_cells.allocation_id
from of_cells
left join used
    on
        of_cells.cell_id = used.cell_id
        and of_cells.usage_date = used.usage_date
        and of_cells.cell_meter = used.meter
where used.cell_id is null
