-- Fails if what a match explains is not what its share says.
with matches as (
    select part_id, cell_id, cell_meter, match_order, sum(quantity) as quantity
    from {{ ref('int_matches') }}
    group by part_id, cell_id, cell_meter, match_order
),

shares as (
    select part_id, cell_id, cell_meter, match_order, sum(quantity) as quantity
    from {{ ref('int_part_shares') }}
    where cell_id is not null and match_level <> 'no_quantity' and allocation_method not in ('reversal', 'same_tokens')
    group by part_id, cell_id, cell_meter, match_order
)

select coalesce(matches.part_id, shares.part_id) as part_id
from matches
full outer join shares
    on
        matches.part_id = shares.part_id
        and matches.cell_id = shares.cell_id
        and matches.cell_meter = shares.cell_meter
        and matches.match_order = shares.match_order
where matches.quantity is distinct from shares.quantity
