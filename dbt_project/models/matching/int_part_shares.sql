-- One row per part of a charge x match, and one for what no request explains: the exact share of
-- the part's money. Shares of a part sum to the part, to the pico-unit. A reversal is split as what it
-- reverses was, and a line that shares the tokens of another as that line: money, no quantity.
with parts as (
    select * from {{ ref('int_parts_in_hand') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

explained as (
    select part_id, sum(quantity) as quantity
    from matches
    group by part_id
),

measured as (
    select
        parts.part_id,
        parts.part_pico,
        parts.quantity as part_quantity,
        matches.cell_id,
        matches.cell_meter,
        matches.match_order,
        matches.match_level,
        matches.contracted_pico,
        matches.quantity
    from parts
    inner join matches on parts.part_id = matches.part_id
    union all
    select
        parts.part_id,
        parts.part_pico,
        parts.quantity as part_quantity,
        null as cell_id,
        null as cell_meter,
        null as match_order,
        'none' as match_level,
        null as contracted_pico,
        parts.quantity - explained.quantity as quantity
    from parts
    inner join explained on parts.part_id = explained.part_id
    where parts.quantity > explained.quantity
),

measured_by_quantity as (
    {{ split_exactly(
        'measured', 'part_pico', 'quantity', 'part_quantity', 'part_id',
        ["coalesce(cell_id, '')", "coalesce(cell_meter, '')", 'coalesce(match_order, 0)'], 'billed_pico'
    ) }}
),

measured_costed as (
    {{ with_contracted_cost('measured_by_quantity') }}
),

measured_shares as (
    {{ by_contracted_cost('measured_by_quantity', 'measured_costed') }}
),

unmeasured_shares as (
    select * from {{ ref('int_matches_unmeasured') }}
),

capacity_shares as (
    select
        parts.part_id,
        shares.cell_id,
        shares.cell_meter,
        shares.billed_pico
    from {{ ref('int_capacity_shares') }} as shares
    inner join parts on shares.charge_id = parts.charge_id
),

whole_shares as (
    select
        part_id,
        part_pico,
        quantity
    from parts
    where
        part_id not in (select part_id from explained)
        and part_id not in (select part_id from unmeasured_shares)
        and part_id not in (select part_id from capacity_shares)
),

originals as (
    select
        reversals.part_id,
        reversals.original_part_id,
        parts.part_pico,
        shares.cell_id,
        shares.cell_meter,
        shares.match_order,
        shares.match_level,
        abs(shares.billed_pico) as weight
    from {{ ref('int_reversals') }} as reversals
    inner join parts on reversals.part_id = parts.part_id
    inner join (
        select part_id, cell_id, cell_meter, match_order, match_level, billed_pico
        from measured_shares
        union all
        select part_id, cell_id, cell_meter, 1000, 'no_quantity', billed_pico
        from unmeasured_shares
        union all
        select part_id, null, null, null, 'none', part_pico
        from whole_shares
    ) as shares on reversals.original_part_id = shares.part_id
    where shares.billed_pico <> 0
),

reversals as (
    select *, sum(weight) over (partition by part_id) as total_weight
    from originals
),

reversal_shares as (
    {{ split_exactly(
        'reversals', 'part_pico', 'weight', 'total_weight', 'part_id',
        ['original_part_id', "coalesce(cell_id, '')", "coalesce(cell_meter, '')", 'coalesce(match_order, 0)'],
        'billed_pico'
    ) }}
),

final as (
    select
        part_id,
        cell_id,
        cell_meter,
        match_order,
        match_level,
        allocation_method,
        quantity,
        billed_pico,
        cast(null as varchar) as original_part_id
    from measured_shares
    union all
    select
        part_id,
        cell_id,
        cell_meter,
        1000 as match_order,
        'no_quantity' as match_level,
        allocation_method,
        null as quantity,
        billed_pico,
        null as original_part_id
    from unmeasured_shares
    union all
    select
        part_id,
        cell_id,
        cell_meter,
        match_order,
        match_level,
        case when part_pico < 0 then 'reversal' else 'same_tokens' end as allocation_method,
        0 as quantity,
        billed_pico,
        original_part_id
    from reversal_shares
    union all
    select
        part_id,
        cell_id,
        cell_meter,
        case when cell_id is not null then 1001 end as match_order,
        case when cell_id is not null then 'capacity' else 'none' end as match_level,
        'hourly_use' as allocation_method,
        null as quantity,
        billed_pico,
        null as original_part_id
    from capacity_shares
    union all
    select
        part_id,
        null as cell_id,
        null as cell_meter,
        null as match_order,
        'none' as match_level,
        'whole' as allocation_method,
        quantity,
        part_pico as billed_pico,
        null as original_part_id
    from whole_shares
    where part_id not in (select part_id from reversal_shares)
)

select * from final
