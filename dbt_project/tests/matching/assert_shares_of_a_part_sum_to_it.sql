-- Fails if the shares of a part do not sum to it in money and tokens, or one lies outside of it
-- (not in [0, 1]), or if a residual is not the share that no request explains. What follows another part
-- has money and no tokens.
with parts as (
    select part_id, part_pico, quantity from {{ ref('int_parts_in_hand') }}
),

shares as (
    select
        part_id,
        sum(billed_pico) as pico,
        sum(quantity) as quantity,
        bool_or(allocation_method in ('reversal', 'same_tokens')) as is_following,
        min(billed_pico) as least_pico,
        max(billed_pico) as most_pico
    from {{ ref('int_part_shares') }}
    group by part_id
),

unexplained as (
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

select 'shares are not the part: ' || coalesce(parts.part_id, shares.part_id) as problem
from parts
full outer join shares on parts.part_id = shares.part_id
where
    parts.part_pico is distinct from shares.pico
    or (not shares.is_following and parts.quantity is distinct from shares.quantity)
    or shares.least_pico < least(parts.part_pico, 0)
    or shares.most_pico > greatest(parts.part_pico, 0)
union all
select 'a residual is not what no request explains: ' || coalesce(unexplained.part_id, residuals.part_id)
from unexplained
full outer join residuals on unexplained.part_id = residuals.part_id
where
    unexplained.billed_pico is distinct from residuals.billed_pico
    or unexplained.quantity is distinct from residuals.quantity
