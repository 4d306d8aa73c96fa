-- Fails if a cell's quantity or cost on a meter is not the sum of its requests'.
with requests as (
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

cells as (
    select
        cell_id,
        meter,
        sum(quantity) as quantity,
        sum(list_cost_pico) as list_cost_pico,
        sum(contracted_cost_pico) as contracted_cost_pico
    from {{ ref('int_cell_meters') }}
    group by cell_id, meter
)

select
    coalesce(requests.cell_id, cells.cell_id) as cell_id,
    coalesce(requests.meter, cells.meter) as meter
from requests
full outer join cells on requests.cell_id = cells.cell_id and requests.meter = cells.meter
where
    requests.quantity is distinct from cells.quantity
    or (requests.unpriced = 0 and requests.list_cost_pico is distinct from cells.list_cost_pico)
    or (
        requests.unpriced = 0
        and requests.contracted_cost_pico is distinct from cells.contracted_cost_pico
    )
    or (requests.unpriced > 0 and cells.list_cost_pico is not null)
