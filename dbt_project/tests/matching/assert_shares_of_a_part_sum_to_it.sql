-- Fails if the shares of a part do not sum to it in money and tokens, or one lies outside of it
-- (not in [0, 1]). What follows another part has money and no tokens.
with parts as (
    select part_id, part_pico, quantity from {{ ref('int_charge_parts') }}
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
)

select coalesce(parts.part_id, shares.part_id) as part_id
from parts
full outer join shares on parts.part_id = shares.part_id
where
    parts.part_pico is distinct from shares.pico
    or (not shares.is_following and parts.quantity is distinct from shares.quantity)
    or shares.least_pico < least(parts.part_pico, 0)
    or shares.most_pico > greatest(parts.part_pico, 0)
