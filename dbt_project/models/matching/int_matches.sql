-- One row per match: part of a charge x cell x the cell's meter, with the quantity it explains and
-- the level that found it. Levels run from most keys to fewest. At each level a cell offers what it
-- has left to the charges that may take it, in proportion to what they still need; a charge takes at
-- most what it needs. So no quantity is explained twice and none more than it was billed.
-- A cell that does not know its key takes money of another owner's key last, and only where its gateway is
-- said to use the key. Two known values that differ never match; provider, account, model and meter are never dropped. A
-- charge that names no model or no meter has levels of its own, and of what it takes the contracted cost
-- is told: tokens of several models or meters are no common measure.
{%- set levels = var('matching_levels') %}
-- numbers in place of ids: their order is that of the ids, which breaks ties
with recursive parts as (
    select
        charge_parts.*,
        row_number() over (order by charge_parts.part_id nulls last) as part_no
    from {{ ref('int_charge_parts') }} as charge_parts
    where
        {{ is_metered('charge_parts') }}
        and charge_category = 'Usage'
        and quantity > 0
        and {{ billed_date('charge_period_start', 'charge_period_end') }}
        >= (select cast(since as date) from {{ ref('int_since') }})
),

cells as (
    select
        cells.*,
        cell_meters.meter,
        cell_meters.quantity,
        cell_meters.contracted_cost_pico,
        row_number() over (order by cells.cell_id || ':' || cell_meters.meter nulls last) as cell_no
    from {{ ref('int_cells') }} as cells
    inner join {{ ref('int_cell_meters') }} as cell_meters on cells.cell_id = cell_meters.cell_id
    -- what a pool did is paid by the month
    where cells.pool is null
),

levels as (
    {%- for level in levels %}
    select
        {{ loop.index }} as match_order,
        {{ 2 ** loop.index0 }} as level_bit,
        '{{ level.name }}' as match_level,
        '{{ level.meter }}' as meter
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

candidates as (
    {{ match_candidates('parts', 'cells', [
        'parts.part_no',
        'cast(parts.quantity as bigint) as part_quantity',
        'cells.cell_no',
        'cast(cells.quantity as bigint) as cell_quantity',
        "parts.meter is not null or " ~ is_token_meter('cells.meter') ~ " as is_meant",
    ]) }}
),

-- the levels at which a pair may meet, one bit each
pairs as (
    select
        part_no,
        cell_no,
        part_quantity,
        cell_quantity,
        {%- for level in levels %}
        {{ '+ ' if not loop.first }}case when {{ is_admitted(level) }} then {{ 2 ** loop.index0 }} else 0 end
        {%- endfor %}
            as level_bits
    from candidates
    where is_meant
),

-- level by level: what is taken, and what pairs have left that both still need and have
steps as (
    select
        0 as match_order,
        part_no,
        cell_no,
        level_bits,
        part_quantity as part_left,
        cell_quantity as cell_left,
        cast(null as bigint) as taken
    from pairs
    union all
    (
        with asked as (
            select
                levels.match_order,
                pairs.part_no,
                pairs.cell_no,
                pairs.part_left,
                pairs.cell_left,
                sum(pairs.part_left) over (partition by pairs.cell_no) as wanted
            from steps as pairs
            inner join levels
                on pairs.match_order + 1 = levels.match_order and (pairs.level_bits & levels.level_bit) > 0
            where pairs.taken is null
        ),

        offers as (
            {{ split_exactly('asked', 'cell_left', 'part_left', 'wanted', 'cell_no', 'part_no', 'offer') }}
        ),

        offered as (
            select
                *,
                sum(offer) over (partition by part_no) as offered,
                least(part_left, sum(offer) over (partition by part_no)) as takable
            from offers
            where offer > 0
        ),

        takes as (
            {{ split_exactly('offered', 'takable', 'offer', 'offered', 'part_no', 'cell_no', 'quantity') }}
        ),

        of_parts as (
            select part_no, sum(quantity) as quantity from takes group by part_no
        ),

        of_cells as (
            select cell_no, sum(quantity) as quantity from takes group by cell_no
        )

        select
            match_order,
            part_no,
            cell_no,
            null as level_bits,
            null as part_left,
            null as cell_left,
            cast(quantity as bigint) as taken
        from takes
        where quantity > 0
        union all
        select
            pairs.match_order + 1 as match_order,
            pairs.part_no,
            pairs.cell_no,
            pairs.level_bits,
            cast(pairs.part_left - coalesce(of_parts.quantity, 0) as bigint) as part_left,
            cast(pairs.cell_left - coalesce(of_cells.quantity, 0) as bigint) as cell_left,
            null as taken
        from steps as pairs
        inner join levels on pairs.match_order + 1 = levels.match_order
        left join of_parts on pairs.part_no = of_parts.part_no
        left join of_cells on pairs.cell_no = of_cells.cell_no
        where
            pairs.level_bits >= 2 * levels.level_bit
            and pairs.part_left > coalesce(of_parts.quantity, 0)
            and pairs.cell_left > coalesce(of_cells.quantity, 0)
    )
),

final as (
    select
        parts.part_id,
        cells.cell_id,
        cells.meter as cell_meter,
        steps.taken as quantity,
        case
            when levels.meter = 'open'
                then {{ split_floor('cells.contracted_cost_pico', 'steps.taken', 'cells.quantity') }}
        end as contracted_pico,
        levels.match_order,
        levels.match_level
    from steps
    inner join levels on steps.match_order = levels.match_order
    inner join parts on steps.part_no = parts.part_no
    inner join cells on steps.cell_no = cells.cell_no
    where steps.taken is not null
)

select * from final
