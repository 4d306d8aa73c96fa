-- One row per charge without a quantity x cell and meter that may have caused it, with its weight:
-- quantity where the charge names one model and meter, else contracted cost where all of it is
-- priced, else quantity, else requests. Such a charge is explained whole or not at all.
-- One that names no model or no meter may be any that those which name both leave. Cells that do not know
-- their key go after all others where the charge's key is another owner's and their gateway is said to
-- use it; where it is not, they explain nothing of it.
with parts as (
    select charge_parts.* from {{ ref('int_parts_in_hand') }} as charge_parts
    where
        {{ is_metered('charge_parts') }}
        and charge_category = 'Usage'
        and quantity is null
        and part_id not in (select part_id from {{ ref('int_reversals') }})
        and {{ billed_date('charge_period_start', 'charge_period_end') }}
        >= (select cast(since as date) from {{ ref('int_since') }})
),

used as (
    select cell_id, cell_meter, sum(quantity) as quantity
    from {{ ref('int_matches') }}
    where not {{ is_over_midnight() }}
    group by cell_id, cell_meter
),

-- what charges with a quantity left: a cell's quantity explains once
cells as (
    select
        cells.*,
        cell_meters.meter,
        cell_meters.quantity - coalesce(used.quantity, 0) as quantity,
        {{ split_floor(
            'cell_meters.contracted_cost_pico',
            'cell_meters.quantity - coalesce(used.quantity, 0)',
            'cell_meters.quantity'
        ) }} as contracted_cost_pico
    from {{ ref('int_cells_in_hand') }} as cells
    inner join {{ ref('int_cell_meters_in_hand') }} as cell_meters on cells.cell_id = cell_meters.cell_id
    left join used
        on cell_meters.cell_id = used.cell_id and cell_meters.meter = used.cell_meter
    where cell_meters.quantity > coalesce(used.quantity, 0) and cells.pool is null
),

candidates as (
    {{ match_candidates('parts', 'cells', [
        'parts.part_id',
        'parts.part_pico',
        'cells.cell_id',
        'cells.meter as cell_meter',
        'cells.quantity',
        'cells.contracted_cost_pico',
    ]) }}
),

pairs as (
    select
        part_id,
        part_pico,
        meter_agrees <> 'open' as is_named,
        cell_id,
        cell_meter,
        quantity,
        contracted_cost_pico,
        case when is_of_other then 0 else 10 end
        + case when credential_id_agrees = 'open' then 0 else 1 end
        + case when sub_account_agrees = 'open' then 0 else 1 end
        + case when region_agrees = 'open' then 0 else 1 end
        + case when is_tier_same then 1 else 0 end
            as keys_in_common
    from candidates
    where is_own_hour and meter_agrees <> 'side'
),

-- requests that share most keys with the charge explain it before those that do not know them
{%- for step, candidates in [('named', 'pairs'), ('unnamed', 'pairs_left')] %}
{{ step }} as (
    select *
    from (
        select
            *,
            max(keys_in_common) over (partition by part_id) as most_in_common
        from {{ candidates }}
        where {{ 'not ' if step == 'unnamed' }}is_named
    ) as compared
    where keys_in_common = most_in_common
),
{% if step == 'named' %}
pairs_left as (
    select pairs.*
    from pairs
    left join (select distinct cell_id, cell_meter from named) as served
        on pairs.cell_id = served.cell_id and pairs.cell_meter = served.cell_meter
    where served.cell_id is null
),
{% endif %}
{%- endfor %}
closest as (
    select * from named
    union all
    select * from unnamed
),

priced as (
    select
        *,
        count(*) over (partition by part_id)
        = count(contracted_cost_pico) over (partition by part_id)
        and sum(contracted_cost_pico) over (partition by part_id) > 0 as is_priced
    from closest
),

weighted as (
    select
        part_id,
        part_pico,
        cell_id,
        cell_meter,
        cell_id || ':' || cell_meter as pair_key,
        case when not is_named and is_priced then contracted_cost_pico else quantity end as weight,
        case when not is_named and is_priced then 'contracted_cost' else 'quantity' end
            as allocation_method
    from priced
),

totals as (
    select *, sum(weight) over (partition by part_id) as total_weight
    from weighted
),

final as (
    {{ split_exactly(
        'totals', 'part_pico', 'weight', 'total_weight', 'part_id', 'pair_key', 'billed_pico'
    ) }}
)

select * from final
