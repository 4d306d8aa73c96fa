{# CTEs of who explains whom: `parts` and `cells` are read, by part_no and cell_no, and `steps` has in `taken`
   what a pair explains at a level. `pairs` says which candidates may meet at all. #}
{% macro matches_by_level(pairs) -%}
{%- set levels = var('matching_levels') %}
all_levels as (
    {%- for level in levels %}
    select
        {{ loop.index }} as match_order,
        {{ 2 ** loop.index0 }} as level_bit,
        '{{ level.name }}' as match_level,
        '{{ level.meter }}' as meter,
        {{ 'true' if level.left == 'equal' else 'false' }} as is_of_equals
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
        is_of_month('parts', 'cells') ~ ' as is_of_month',
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
    where is_meant and {{ pairs }}
),

-- those at which some pair may meet, each a step: at the others all pairs would be handed on as they are
levels as (
    select
        *,
        row_number() over (order by match_order nulls last) as step
    from all_levels
    where (level_bit & (select bit_or(level_bits) from pairs)) > 0
),

-- level by level: what is taken, and what pairs have left that both still need and have
steps as (
    select
        cast(0 as bigint) as step,
        part_no,
        cell_no,
        level_bits,
        part_quantity as part_left,
        cell_quantity as cell_left,
        cast(null as bigint) as taken
    from pairs
    where level_bits > 0
    union all
    (
        with asked as (
            select
                levels.step,
                pairs.part_no,
                pairs.cell_no,
                pairs.part_left,
                pairs.cell_left,
                sum(pairs.part_left) over (partition by pairs.cell_no) as wanted
            from steps as pairs
            inner join levels
                on pairs.step + 1 = levels.step and (pairs.level_bits & levels.level_bit) > 0
            where pairs.taken is null and (not levels.is_of_equals or pairs.part_left = pairs.cell_left)
        ),

        -- nearly all: nothing is split where one alone asks, nor where all that is offered is taken
        asked_by_several as (
            select * from asked
            where part_left <> wanted
        ),

        offers as (
            {{ split_exactly('asked_by_several', 'cell_left', 'part_left', 'wanted', 'cell_no', 'part_no', 'offer') }}
            union all
            select *, cast(cell_left as decimal(38, 0)) as offer from asked
            where part_left = wanted
        ),

        offered as (
            select
                *,
                sum(offer) over (partition by part_no) as offered,
                least(part_left, sum(offer) over (partition by part_no)) as takable
            from offers
            where offer > 0
        ),

        offered_too_much as (
            select * from offered
            where takable < offered
        ),

        takes as (
            {{ split_exactly('offered_too_much', 'takable', 'offer', 'offered', 'part_no', 'cell_no', 'quantity') }}
            union all
            select *, offer as quantity from offered
            where takable = offered
        ),

        of_parts as (
            select part_no, sum(quantity) as quantity from takes group by part_no
        ),

        of_cells as (
            select cell_no, sum(quantity) as quantity from takes group by cell_no
        )

        select
            step,
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
            pairs.step + 1 as step,
            pairs.part_no,
            pairs.cell_no,
            pairs.level_bits,
            cast(pairs.part_left - coalesce(of_parts.quantity, 0) as bigint) as part_left,
            cast(pairs.cell_left - coalesce(of_cells.quantity, 0) as bigint) as cell_left,
            null as taken
        from steps as pairs
        inner join levels on pairs.step + 1 = levels.step
        left join of_parts on pairs.part_no = of_parts.part_no
        left join of_cells on pairs.cell_no = of_cells.cell_no
        where
            pairs.level_bits >= 2 * levels.level_bit
            and pairs.part_left > coalesce(of_parts.quantity, 0)
            and pairs.cell_left > coalesce(of_cells.quantity, 0)
    )
)
{%- endmacro %}

{# True where a part and a cell are of one billing month: what crosses the midnight between two is decided
   before. A charge of more than a day sees its own hours, whichever month they are of. #}
{% macro is_of_month(part, cell) -%}
    (
        {{ first_of_month(cell ~ '.usage_hour') }}
        = {{ first_of_month(billed_date(part ~ '.charge_period_start', part ~ '.charge_period_end')) }}
        or (
            {{ is_longer_than_a_day(part) }}
            and {{ hour_in_period(cell ~ '.usage_hour', part ~ '.charge_period_start', part ~ '.charge_period_end') }}
        )
    )
{%- endmacro %}

{# True for a match that int_matches_over_midnight decided. #}
{% macro is_over_midnight(of=none) -%}
    (coalesce({{ of ~ '.' if of }}match_order, 0) between 101 and 999)
{%- endmacro %}
