-- Fails if the cells do not hold the requests that point to them, each once, or if a cell's quantity or
-- cost on a meter is not the sum of its requests', of the days that this run built; or if the cells of any
-- day do not hold as many requests as the day has.
with requests as (
    select
        cell_id,
        count(*) filter (where is_tool_call is not true) as requests,
        count(*) filter (where is_tool_call) as tool_calls
    from {{ ref('int_requests') }}
    group by cell_id
),

cells as (
    select cell_id, sum(requests) as requests, sum(tool_calls) as tool_calls
    from {{ ref('int_cells') }}
    where usage_date in (select usage_date from {{ ref('int_requests') }})
    group by cell_id
),

request_meters as (
    select
        cell_id,
        meter,
        sum(quantity) as quantity,
        sum(list_cost_pico) as list_cost_pico,
        sum(contracted_cost_pico) as contracted_cost_pico,
        count(*) filter (where list_cost_pico is null) as unpriced
    from {{ ref('int_request_meters') }}
    group by cell_id, meter
),

cell_meters as (
    select
        cell_id,
        meter,
        sum(quantity) as quantity,
        sum(list_cost_pico) as list_cost_pico,
        sum(contracted_cost_pico) as contracted_cost_pico
    from {{ ref('int_cell_meters') }}
    where usage_date in (select usage_date from {{ ref('int_requests') }})
    group by cell_id, meter
),

days as (
    select usage_date, day_hash, sum(requests) as requests
    from {{ ref('int_cells') }}
    group by usage_date, day_hash
)

select 'requests of cell ' || coalesce(requests.cell_id, cells.cell_id) as problem
from requests
full outer join cells on requests.cell_id = cells.cell_id
where requests.requests is distinct from cells.requests or requests.tool_calls is distinct from cells.tool_calls
union all
select
    coalesce(request_meters.meter, cell_meters.meter) || ' of cell '
    || coalesce(request_meters.cell_id, cell_meters.cell_id)
from request_meters
full outer join cell_meters
    on request_meters.cell_id = cell_meters.cell_id and request_meters.meter = cell_meters.meter
where
    request_meters.quantity is distinct from cell_meters.quantity
    or (request_meters.unpriced = 0 and request_meters.list_cost_pico is distinct from cell_meters.list_cost_pico)
    or (
        request_meters.unpriced = 0
        and request_meters.contracted_cost_pico is distinct from cell_meters.contracted_cost_pico
    )
    or (request_meters.unpriced > 0 and cell_meters.list_cost_pico is not null)
union all
select 'what providers state'
from (select sum(stated_cost_pico) as pico from {{ ref('int_stated_costs') }}) as stated
cross join (
    select sum(stated_cost_pico) as pico from {{ ref('int_cell_meters') }}
    where usage_date in (select usage_date from {{ ref('int_requests') }})
) as of_cells
where stated.pico is distinct from of_cells.pico
union all
select 'requests of ' || coalesce(day_inputs.usage_date, days.usage_date)
from ({{ requests_of_days() }}) as day_inputs
full outer join days
    on day_inputs.usage_date = days.usage_date and day_inputs.day_hash = days.day_hash
where
    coalesce(day_inputs.requests, 0) <> coalesce(days.requests, 0)
    and coalesce(day_inputs.usage_date, days.usage_date) not in ({{ days_left() }})
