-- One row per cell and meter x charge that it explains, and one for what no charge claims: what was
-- logged, with its share of the list and contracted cost. Quantities of a cell and meter sum to what
-- was logged, costs to what it costs. Of the months in hand: what explains a charge of another month is its row there.
with shares as (
    select * from {{ ref('int_part_shares') }}
    where cell_id is not null
),

parts as (
    select part_id, charge_id, credential_id from {{ ref('int_parts_in_hand') }}
),

cell_meters as (
    select * from {{ ref('int_cell_meters_in_hand') }}
),

over_midnight as (
    select * from {{ ref('int_matches_over_midnight') }}
),

matched as (
    select
        parts.charge_id,
        parts.credential_id,
        shares.cell_id,
        shares.cell_meter,
        shares.match_order,
        shares.match_level,
        shares.allocation_method,
        sum(shares.billed_pico) as billed_pico,
        cast(sum(shares.quantity) as bigint) as quantity
    from shares
    inner join parts on shares.part_id = parts.part_id
    group by
        parts.charge_id,
        parts.credential_id,
        shares.cell_id,
        shares.cell_meter,
        shares.match_order,
        shares.match_level,
        shares.allocation_method
),

used as (
    select
        cell_id,
        cell_meter,
        coalesce(sum(quantity), 0) as quantity,
        count(*) - count(quantity) as charges_without_quantity
    from matched
    where not {{ is_over_midnight() }}
    group by cell_id, cell_meter
),

-- a charge without a quantity claims all that the others left; of several the first
claimed as (
    select * from matched
    where quantity is not null and not {{ is_over_midnight() }}
    union all
    select
        {{ all_but('quantity', of='matched') }},
        case
            when
                row_number() over (
                    partition by matched.cell_id, matched.cell_meter
                    order by matched.charge_id nulls last, matched.credential_id nulls last
                ) = 1
                then cell_meters.quantity - used.quantity
            else 0
        end as quantity
    from matched
    inner join used on matched.cell_id = used.cell_id and matched.cell_meter = used.cell_meter
    inner join cell_meters
        on matched.cell_id = cell_meters.cell_id and matched.cell_meter = cell_meters.meter
    where matched.quantity is null and not {{ is_over_midnight('matched') }}
),

unclaimed as (
    select
        cast(null as varchar) as charge_id,
        cast(null as varchar) as credential_id,
        cell_meters.cell_id,
        cell_meters.meter as cell_meter,
        cast(null as integer) as match_order,
        'none' as match_level,
        'none' as allocation_method,
        cast(0 as decimal(38, 0)) as billed_pico,
        cell_meters.quantity - coalesce(used.quantity, 0) as quantity
    from cell_meters
    left join used
        on cell_meters.cell_id = used.cell_id and cell_meters.meter = used.cell_meter
    where
        cell_meters.quantity > coalesce(used.quantity, 0)
        and coalesce(used.charges_without_quantity, 0) = 0
),

uses as (
    select * from claimed
    union all
    select * from unclaimed
),

costed as (
    select
        uses.*,
        uses.cell_id || ':' || uses.cell_meter as meter_key,
        cell_meters.quantity as logged_quantity,
        cell_meters.list_cost_pico as cell_list_pico,
        cell_meters.contracted_cost_pico as cell_contracted_pico
    from uses
    inner join cell_meters
        on uses.cell_id = cell_meters.cell_id and uses.cell_meter = cell_meters.meter
),

-- nearly all of what was logged has one charge alone: its costs are not split
split as (
    select * from costed
    where {{ is_explained_alone() }} is not true
),

listed as (
    {{ split_exactly(
        'split', 'cell_list_pico', 'quantity', 'logged_quantity', 'meter_key',
        ["coalesce(charge_id, '')", 'coalesce(match_order, 0)', "coalesce(credential_id, '')"],
        'list_pico'
    ) }}
),

contracted as (
    {{ split_exactly(
        'listed', 'cell_contracted_pico', 'quantity', 'logged_quantity', 'meter_key',
        ["coalesce(charge_id, '')", 'coalesce(match_order, 0)', "coalesce(credential_id, '')"],
        'contracted_pico'
    ) }}
),

alone as (
    select * from costed
    where {{ is_explained_alone() }}
),

-- over the midnight between two months quantities and costs are decided before; what is split as such a
-- charge was has none
decided as (
    select
        over_midnight.cell_id,
        over_midnight.cell_meter,
        parts.charge_id,
        parts.credential_id,
        over_midnight.match_order,
        sum(over_midnight.list_pico) as list_pico,
        sum(over_midnight.contracted_pico) as contracted_pico
    from over_midnight
    inner join parts on over_midnight.part_id = parts.part_id
    group by
        over_midnight.cell_id,
        over_midnight.cell_meter,
        parts.charge_id,
        parts.credential_id,
        over_midnight.match_order
),

priced_over_midnight as (
    select
        cell_id,
        cell_meter,
        count(list_pico) > 0 as is_listed,
        count(contracted_pico) > 0 as is_contracted
    from over_midnight
    group by cell_id, cell_meter
),

final as (
    select
        charge_id,
        credential_id,
        cell_id,
        cell_meter,
        match_order,
        match_level,
        allocation_method,
        billed_pico,
        quantity,
        list_pico,
        contracted_pico
    from contracted
    union all
    select
        charge_id,
        credential_id,
        cell_id,
        cell_meter,
        match_order,
        match_level,
        allocation_method,
        billed_pico,
        quantity,
        {{ cost_explained_alone('cell_list_pico') }} as list_pico,
        {{ cost_explained_alone('cell_contracted_pico') }} as contracted_pico
    from alone
    union all
    select
        matched.charge_id,
        matched.credential_id,
        matched.cell_id,
        matched.cell_meter,
        matched.match_order,
        matched.match_level,
        matched.allocation_method,
        matched.billed_pico,
        matched.quantity,
        case when priced.is_listed then coalesce(decided.list_pico, 0) end as list_pico,
        case when priced.is_contracted then coalesce(decided.contracted_pico, 0) end as contracted_pico
    from matched
    inner join priced_over_midnight as priced
        on matched.cell_id = priced.cell_id and matched.cell_meter = priced.cell_meter
    left join decided
        on
            matched.cell_id = decided.cell_id
            and matched.cell_meter = decided.cell_meter
            and matched.charge_id = decided.charge_id
            and matched.credential_id is not distinct from decided.credential_id
            and matched.match_order = decided.match_order
    where {{ is_over_midnight('matched') }}
)

select * from final
