-- One row per match: part of a charge x cell x the cell's meter, with the quantity it explains and
-- the level that found it. Levels run from most keys to fewest. At each level a cell offers what it
-- has left to the charges that may take it, in proportion to what they still need; a charge takes at
-- most what it needs. So no quantity is explained twice and none more than it was billed.
-- A cell that does not know its key takes money of another owner's key last, and only where its gateway is
-- said to use the key. Two known values that differ never match; provider, account, model and meter are never dropped. A
-- charge that names no model or no meter has levels of its own, and of what it takes the contracted cost
-- is told: tokens of several models or meters are no common measure.
{%- set levels = var('matching_levels') %}
with parts as (
    select
        charge_parts.*,
        {{ meter_side('charge_parts.meter') }} as meter_side
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
        {{ meter_side('cell_meters.meter') }} as meter_side
    from {{ ref('int_cells') }} as cells
    inner join {{ ref('int_cell_meters') }} as cell_meters on cells.cell_id = cell_meters.cell_id
    -- what a pool did is paid by the month
    where cells.pool is null
),

keys_of_others as (
    select * from {{ ref('int_keys_of_others') }}
),
{% for level in levels %}
{%- set n = loop.index %}
parts_left_{{ n }} as (
    {%- if n == 1 %}
    select parts.*, parts.quantity as part_left from parts
    {%- else %}
    select
        {{ all_but('part_left', of='parts_left') }},
        parts_left.part_left - coalesce(taken.quantity, 0) as part_left
    from parts_left_{{ n - 1 }} as parts_left
    left join (
        select part_id, sum(taken) as quantity from takes_{{ n - 1 }} group by part_id
    ) as taken on parts_left.part_id = taken.part_id
    where parts_left.part_left > coalesce(taken.quantity, 0)
    {%- endif %}
),

cells_left_{{ n }} as (
    {%- if n == 1 %}
    select cells.*, cells.quantity as cell_left from cells
    {%- else %}
    select
        {{ all_but('cell_left', of='cells_left') }},
        cells_left.cell_left - coalesce(taken.quantity, 0) as cell_left
    from cells_left_{{ n - 1 }} as cells_left
    left join (
        select cell_id, cell_meter, sum(taken) as quantity
        from takes_{{ n - 1 }}
        group by cell_id, cell_meter
    ) as taken
        on cells_left.cell_id = taken.cell_id and cells_left.meter = taken.cell_meter
    where cells_left.cell_left > coalesce(taken.quantity, 0)
    {%- endif %}
),

pairs_{{ n }} as (
    select
        parts.part_id,
        parts.part_left,
        cells.cell_id,
        cells.meter as cell_meter,
        cells.cell_id || ':' || cells.meter as offer_key,
        cells.cell_left,
        {%- if level.meter == 'open' %}
        cells.quantity as cell_quantity,
        cells.contracted_cost_pico,
        {%- endif %}
        sum(parts.part_left) over (partition by cells.cell_id, cells.meter) as wanted
    from parts_left_{{ n }} as parts
    inner join cells_left_{{ n }} as cells
        on
            parts.provider = cells.provider
            and parts.billing_account = cells.billing_account
            {%- if level.meter == 'open' %}
            and (parts.model is null or parts.meter is null)
            and (parts.model = cells.model or parts.model is null)
            and (parts.meter = cells.meter or (parts.meter is null and {{ is_token_meter('cells.meter') }}))
            {%- else %}
            and parts.model = cells.model
            {%- endif %}
            and {{ tier_agrees('parts', 'cells', level.tier) }}
            and {{ band_agrees('parts', 'cells', level.tier) }}
            {%- if level.meter == 'same' %}
            and parts.meter = cells.meter
            {%- elif level.meter == 'side' %}
            and parts.meter_side = cells.meter_side
            and parts.meter <> cells.meter
            {%- endif %}
            {%- for key, column in [
                ('credential', 'credential_id'), ('sub_account', 'sub_account'), ('region', 'region'),
            ] %}
            {%- if level[key] == 'same' %}
            and coalesce(parts.{{ column }}, '~') = coalesce(cells.{{ column }}, '~')
            {%- elif level[key] == 'equal' %}
            and parts.{{ column }} = cells.{{ column }}
            {%- else %}
            and (
                parts.{{ column }} = cells.{{ column }}
                or parts.{{ column }} is null
                or cells.{{ column }} is null
            )
            {%- endif %}
            {%- endfor %}
            {%- if level.window == 'own' %}
            and {{ hour_in_period('cells.usage_hour', 'parts.charge_period_start', 'parts.charge_period_end') }}
            {%- else %}
            and parts.charge_period_start
            - case when coalesce(parts.service_tier, cells.service_tier) = 'batch' then interval 24 hour else interval 1 hour end
            <= cells.usage_hour
            and cells.usage_hour < parts.charge_period_end
            + case when coalesce(parts.service_tier, cells.service_tier) = 'batch' then interval 24 hour else interval 1 hour end
            {%- endif %}
    {%- if level.key_of == 'other' %}
    inner join keys_of_others as others
        on parts.part_id = others.part_id and cells.cell_id = others.cell_id and others.is_allowed
    {%- elif level.credential == 'open' %}
    left join keys_of_others as others on parts.part_id = others.part_id and cells.cell_id = others.cell_id
    where others.part_id is null
    {%- endif %}
),

offers_{{ n }} as (
    {{ split_exactly(
        'pairs_' ~ n, 'cell_left', 'part_left', 'wanted', 'offer_key', 'part_id', 'offer'
    ) }}
),

offered_{{ n }} as (
    select
        *,
        sum(offer) over (partition by part_id) as offered,
        least(part_left, sum(offer) over (partition by part_id)) as takable
    from offers_{{ n }}
    where offer > 0
),

takes_{{ n }} as (
    select
        part_id,
        cell_id,
        cell_meter,
        {%- if level.meter == 'open' %}
        {{ split_floor('contracted_cost_pico', 'taken', 'cell_quantity') }} as contracted_pico,
        {%- else %}
        cast(null as decimal(38, 0)) as contracted_pico,
        {%- endif %}
        cast(taken as bigint) as taken
    from (
        {{ split_exactly(
            'offered_' ~ n, 'takable', 'offer', 'offered', 'part_id', 'offer_key', 'taken'
        ) }}
    ) as taken
),
{% endfor %}
final as (
    {%- for level in levels %}
    select
        part_id,
        cell_id,
        cell_meter,
        taken as quantity,
        contracted_pico,
        {{ loop.index }} as match_order,
        '{{ level.name }}' as match_level
    from takes_{{ loop.index }}
    where taken > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
