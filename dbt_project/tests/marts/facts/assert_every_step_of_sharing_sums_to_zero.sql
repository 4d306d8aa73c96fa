-- Fails if a step of spreading shared costs adds or loses money, in any month or of any allocation.
select
    allocation_id,
    step,
    sum(amount) as amount
from {{ ref('fct_shared_cost_moves') }}
group by allocation_id, step
having sum(amount) <> 0
