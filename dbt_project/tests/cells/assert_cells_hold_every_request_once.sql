-- Fails if the cells do not hold the requests and meters that point to them, each once.
with requests as (
    select cell_id, count(*) as requests
    from {{ ref('int_requests') }}
    group by cell_id
),

cells as (
    select cell_id, sum(requests) as requests
    from {{ ref('int_cells') }}
    group by cell_id
)

select coalesce(requests.cell_id, cells.cell_id) as cell_id
from requests
full outer join cells on requests.cell_id = cells.cell_id
where requests.requests is distinct from cells.requests
