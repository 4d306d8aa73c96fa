-- Fails if a residual is not, in money and tokens, the share of its part that no request explains.
with unexplained as (
    select part_id, sum(quantity) as quantity, sum(billed_pico) as billed_pico
    from {{ ref('int_part_shares') }}
    where cell_id is null
    group by part_id
),

residuals as (
    select part_id, sum(quantity) as quantity, sum(billed_pico) as billed_pico
    from {{ ref('int_residuals') }}
    group by part_id
)

select coalesce(unexplained.part_id, residuals.part_id) as part_id
from unexplained
full outer join residuals on unexplained.part_id = residuals.part_id
where
    unexplained.billed_pico is distinct from residuals.billed_pico
    or unexplained.quantity is distinct from residuals.quantity
