-- Fails if requests' shares of an allocation do not sum to it, or are not one each: of the days that this run
-- built. Of the months that it built if an allocation is of a cell and meter that no request used.
with request_meters as (
    select * from {{ ref('fct_request_meters') }}
    where usage_date in (select usage_date from {{ ref('int_requests') }})
),

of_cells as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null and {{ is_of_months_in_hand() }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null and usage_date in (select usage_date from {{ ref('int_requests') }})
),

request_costs as (
    {{ shares_of_requests('request_meters', 'allocations') }}
),

shares as (
    select
        allocation_id,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(estimated_cost) as estimated_cost,
        count(*) - count(distinct concat_ws('|', request_key, meter)) as repeated
    from request_costs
    group by allocation_id
),

used as (
    select distinct cell_id, usage_date, meter
    from {{ ref('int_cell_meters') }}
    where quantity > 0 and usage_date in (select usage_date from of_cells)
)

select coalesce(shares.allocation_id, allocations.allocation_id) as allocation_id
from shares
full outer join allocations on shares.allocation_id = allocations.allocation_id
where
    shares.billed_cost is distinct from allocations.billed_cost
    or shares.effective_cost is distinct from allocations.effective_cost
    or shares.estimated_cost is distinct from allocations.estimated_cost
    or shares.repeated > 0
union all
select of_cells.allocation_id
from of_cells
left join used
    on
        of_cells.cell_id = used.cell_id
        and of_cells.usage_date = used.usage_date
        and of_cells.cell_meter = used.meter
where used.cell_id is null
