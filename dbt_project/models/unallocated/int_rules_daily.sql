{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_costed_days(rule_cost_days(), rule_cost_words()) }}",
) }}
-- One row per usage date, rule that matches requests of it, who decided each dimension that it sets (the rule, another,
-- or a place that goes before rules) and equal that says something else: how many they are and what they cost, NULL
-- where nothing of it is known. A day is built again where its requests change, its cells' part of any charge, or a rule.
-- depends_on: {{ ref('int_cells_in_hand') }}
{%- set dimensions = owner_dimensions() %}
with changed as (
    {{ new_costed_days(rule_cost_days()) }}
),

requests as (
    select
        requests.*,
        ruled.rule_key,
        changed.costs_hash
    from {{ ref('fct_requests') }} as requests
    inner join changed on requests.usage_date = changed.usage_date
    inner join {{ ref('int_request_rules') }} as ruled
        on requests.request_key = ruled.request_key and requests.usage_date = ruled.usage_date
),

cells as (
    select distinct cell_id, usage_date from requests
),

allocations as (
    select allocations.*
    from {{ ref('int_allocations') }} as allocations
    inner join cells on allocations.cell_id = cells.cell_id and allocations.usage_date = cells.usage_date
),

-- of all requests of these cells: each has its share
pairs as (
    select
        allocations.allocation_id,
        request_meters.usage_date,
        request_meters.request_key,
        request_meters.meter,
        request_meters.quantity,
        allocations.billed_pico + allocations.estimated_pico as allocation_pico,
        sum(request_meters.quantity) over (partition by allocations.allocation_id)
            as allocation_quantity
    from {{ ref('fct_request_meters') }} as request_meters
    inner join changed on request_meters.usage_date = changed.usage_date
    inner join allocations
        on
            request_meters.cell_id = allocations.cell_id
            and request_meters.usage_date = allocations.usage_date
            and request_meters.meter = allocations.cell_meter
),

shares as (
    {{ split_exactly(
        'pairs', 'allocation_pico', 'quantity', 'allocation_quantity', 'allocation_id',
        'request_key', 'share_pico'
    ) }}
),

costs as (
    select
        request_key,
        usage_date,
        sum(share_pico) as cost_pico,
        count(*) > count(share_pico) as is_unpriced
    from shares
    group by request_key, usage_date
),

matches as (
    select
        requests.usage_date,
        requests.costs_hash,
        requests.request_key,
        matched.line,
        matched.rule,
        matched.priority,
        matched.literals,
        matched.glob_length,
        -- what was not allocated costs nothing
        case when costs.request_key is null then 0 else costs.cost_pico end as cost_pico,
        coalesce(costs.is_unpriced, false) as is_unpriced
        {%- for dimension in dimensions %},
        matched.set_{{ dimension }},
        case when matched.set_{{ dimension }} is not null then coalesce(requests.{{ dimension }}_rule = matched.rule, false) end
            as decides_{{ dimension }},
        coalesce(requests.{{ dimension }}_rule, requests.{{ dimension }}_source) as {{ dimension }}_taken_by,
        requests.{{ dimension }}_rule is not null as {{ dimension }}_by_rule
        {%- endfor %}
    from requests
    inner join {{ ref('int_rules_matched') }} as matched
        on
            requests.rule_key = matched.rule_key
            and matched.valid_from <= requests.started_at
            and requests.started_at < matched.valid_to
    left join costs
        on requests.request_key = costs.request_key and requests.usage_date = costs.usage_date
),

-- equals that the order of lines alone told apart, though they say different things
conflicts as (
    select
        one.request_key,
        one.usage_date,
        one.line,
        min(other.rule) as conflicts_with
    from matches as one
    inner join matches as other
        on
            one.request_key = other.request_key
            and one.usage_date = other.usage_date
            and one.line <> other.line
            and one.priority = other.priority
            and one.literals = other.literals
            and one.glob_length = other.glob_length
    where
        {%- for dimension in dimensions %}
        one.set_{{ dimension }} <> other.set_{{ dimension }}{{ " or" if not loop.last }}
        {%- endfor %}
    group by one.request_key, one.usage_date, one.line
),

final as (
    select
        matches.usage_date,
        matches.costs_hash,
        matches.line,
        {%- for dimension in dimensions %}
        matches.decides_{{ dimension }},
        case when not matches.decides_{{ dimension }} then matches.{{ dimension }}_taken_by end as {{ dimension }}_taken_by,
        case when not matches.decides_{{ dimension }} then matches.{{ dimension }}_by_rule end as {{ dimension }}_by_rule,
        {%- endfor %}
        conflicts.conflicts_with,
        count(*) as requests,
        count(*) filter (where matches.is_unpriced) as unpriced_requests,
        cast(sum(matches.cost_pico) as decimal(38, 0)) as cost_pico
    from matches
    left join conflicts
        on
            matches.request_key = conflicts.request_key
            and matches.usage_date = conflicts.usage_date
            and matches.line = conflicts.line
    group by all
)

select * from final
