{# Which rows of a bill and of the log may belong together: one table of candidates, made by one join, from
   which the levels of matching take. #}

{# One row per row of `parts` x row of `cells` (a cell and its meter) that may explain it: no key that both
   know differs, and the hour is of the part's period or beside it. It tells how far they agree. Of a key:
   `equal`, `unknown` to both, `open` (one does not know it and agrees with any). Of the meter: `same`, `side`
   (another of the same side of a request), `open` (the part names no model or no meter).
   Rows meet by equal values and the day, however many keys and days there are: on either side a row stands once
   for each set of keys that rows of the other know in its account, and is compared by what both know. It has
   also the columns `carried`, of `parts` and `cells`. #}
{% macro match_candidates(parts, cells, carried) -%}
{%- set keys = ['credential_id', 'sub_account', 'region'] -%}
with names_met as (
    select
        parts.provider,
        parts.billing_account,
        parts.model as part_model,
        parts.meter as part_meter,
        cells.model as cell_model,
        cells.meter as cell_meter,
        case
            when parts.model is null or parts.meter is null then 'open'
            when parts.meter = cells.meter then 'same'
            else 'side'
        end as meter_agrees
    from (select distinct provider, billing_account, model, meter from {{ parts }}) as parts
    inner join (select distinct provider, billing_account, model, meter from {{ cells }}) as cells
        on
            parts.provider = cells.provider
            and parts.billing_account = cells.billing_account
            and (parts.model = cells.model or parts.model is null)
            and (
                parts.meter = cells.meter
                or parts.meter is null
                or (parts.model = cells.model and {{ meter_side('parts.meter') }} = {{ meter_side('cells.meter') }})
            )
),

{%- for side, relation in [('parts', parts), ('cells', cells)] %}
known_by_{{ side }} as (
    select distinct
        provider,
        billing_account
        {%- for key in keys %},
        {{ key }} is not null as knows_{{ key }}
        {%- endfor %}
    from {{ relation }} as {{ side }}
),
{% endfor %}
offered_cells as (
    select
        cells.*
        {%- for key in keys %},
        known.knows_{{ key }} as part_knows_{{ key }},
        case when known.knows_{{ key }} then cells.{{ key }} end as known_{{ key }}
        {%- endfor %}
    from {{ cells }} as cells
    inner join known_by_parts as known
        on cells.provider = known.provider and cells.billing_account = known.billing_account
),

parts_by_day as (
    select
        parts.*,
        names_met.cell_model,
        names_met.cell_meter,
        names_met.meter_agrees,
        {%- for key in keys %}
        known.knows_{{ key }} as cell_knows_{{ key }},
        case when known.knows_{{ key }} then parts.{{ key }} end as known_{{ key }},
        {%- endfor %}
        {%- set beside_it = beside("coalesce(parts.service_tier, 'batch')") %}
        {{ each_day(
            'cast(parts.charge_period_start - ' ~ beside_it ~ ' as date)',
            'cast(parts.charge_period_end + ' ~ beside_it ~ ' - interval 1 microsecond as date) + interval 1 day',
        ) }} as seen_on
    from {{ parts }} as parts
    inner join names_met
        on
            parts.provider = names_met.provider
            and parts.billing_account = names_met.billing_account
            and parts.model is not distinct from names_met.part_model
            and parts.meter is not distinct from names_met.part_meter
    inner join known_by_cells as known
        on parts.provider = known.provider and parts.billing_account = known.billing_account
)

select
    {{ carried | join(',\n    ') }},
    parts.meter_agrees,
    {%- for key in keys %}
    case
        when parts.{{ key }} = cells.{{ key }} then 'equal'
        when parts.{{ key }} is null and cells.{{ key }} is null then 'unknown'
        else 'open'
    end as {{ key }}_agrees,
    {%- endfor %}
    {%- for how in ['same', 'priced', 'asked'] %}
    {{ tier_agrees('parts', 'cells', how) }} as is_tier_{{ how }},
    {{ band_agrees('parts', 'cells', how) }} as is_band_{{ how }},
    {%- endfor %}
    {{ hour_in_period('cells.usage_hour', 'parts.charge_period_start', 'parts.charge_period_end') }}
        as is_own_hour,
    others.part_id is not null as is_of_other
from parts_by_day as parts
inner join offered_cells as cells
    on
        parts.provider = cells.provider
        and parts.billing_account = cells.billing_account
        and parts.seen_on = cast(cells.usage_hour as date)
        and parts.cell_model = cells.model
        and parts.cell_meter = cells.meter
        {%- for key in keys %}
        and (parts.{{ key }} is not null) = cells.part_knows_{{ key }}
        and (cells.{{ key }} is not null) = parts.cell_knows_{{ key }}
        and parts.known_{{ key }} is not distinct from cells.known_{{ key }}
        {%- endfor %}
        and {{ tier_agrees('parts', 'cells', 'open') }}
        and {{ band_agrees('parts', 'cells', 'open') }}
        {%- set beside_it = beside('coalesce(parts.service_tier, cells.service_tier)') %}
        and parts.charge_period_start - {{ beside_it }} <= cells.usage_hour
        and cells.usage_hour < parts.charge_period_end + {{ beside_it }}
left join {{ ref('int_keys_of_others') }} as others
    on parts.part_id = others.part_id and cells.cell_id = others.cell_id
-- of another owner's key that its gateway is not said to use a cell takes nothing
where coalesce(others.is_allowed, true)
{%- endmacro %}

{# How far a charge sees beside its period: an hour, a batch a day. #}
{% macro beside(tier) -%}
    case when {{ tier }} = 'batch' then interval 24 hour else interval 1 hour end
{%- endmacro %}

{# True for a candidate that a level of `matching_levels` admits. #}
{% macro is_admitted(level) -%}
    meter_agrees = '{{ level.meter }}'
        {%- for key, column in [('credential', 'credential_id'), ('sub_account', 'sub_account'), ('region', 'region')]
            if level[key] != 'open' %}
            and {{ column }}_agrees {{ "= 'equal'" if level[key] == 'equal' else "<> 'open'" }}
        {%- endfor %}
        {%- if level.tier != 'open' %}
            and is_tier_{{ level.tier }} and is_band_{{ level.tier }}
        {%- endif %}
        {%- if level.window == 'own' %}
            and is_own_hour
        {%- endif %}
            and {{ 'is_of_other' if level.key_of == 'other' else 'not is_of_other' }}
{%- endmacro %}
