{# The CTEs of one step: `state_<n - 1>` has the money by owner, `moves_<n>` what this rule moves,
   `state_<n>` what it left. #}
{% macro shared_cost_step(n, rule) -%}
{%- set owners = owner_dimensions() -%}
{%- set columns = [
    'state_key', 'allocation_id', 'charge_id', 'charge_description', 'billing_month', 'usage_date', 'showback_date',
    'provider', 'billing_account', 'sub_account', 'credential_id', 'model', 'meter', 'residual_cause',
] -%}
matched_{{ n }} as (
    select
        *,
        not is_kept
        and cast(timestamp '{{ rule.valid_from }}' as date) <= usage_date
        and usage_date < cast(timestamp '{{ rule.valid_to }}' as date)
        and {{ meets_rule(rule) }} as is_matched
    from state_{{ n - 1 }}
),
{% if rule.method == 'keep' %}
state_{{ n }} as (
    select
        {{ all_but('is_matched, is_kept') }},
        is_kept or is_matched as is_kept
    from matched_{{ n }}
),
{% else %}
-- who can bear it: owners of the month by what they weigh, but not those that the rule takes it from
weighed_{{ n }} as (
    select
        billing_month,
        {{ owners | join(', ') }},
        {{ shared_cost_unit(rule) }} as unit,
        {{ shared_cost_basis(rule.basis) }} as weight
    from (
        select
            state.billing_month,
            {%- for owner in owners %}
            state.{{ owner }},
            {%- endfor %}
            max(owner_uses.requests) as requests,
            max(owner_uses.tokens) as tokens,
            sum(state.pico) filter (where state.is_direct) as direct_pico,
            sum(state.pico) as total_pico
        from state_{{ n - 1 }} as state
        left join owner_uses
            on
                state.billing_month = owner_uses.billing_month
                {%- for owner in owners %}
                and state.{{ owner }} = owner_uses.{{ owner }}
                {%- endfor %}
        group by all
    ) as owners_of_the_month
    where not ({{ meets_rule(rule, only_owners=true) }})
),

named_{{ n }} as (
    select billing_month, {{ owners | join(', ') }}, unit, weight
    from weighed_{{ n }}
    where unit is not null and weight > 0
    {%- for target in rule.targets if '*' not in target['pattern'] and rule.method != 'proportional' %}
    -- named, so it bears its share also without anything to weigh by
    union all
    select
        months.billing_month,
        {%- for owner in owners %}
        {{ text_literal(target['pattern']) if owner == target['dimension'] else "'__unallocated__'" }} as {{ owner }},
        {%- endfor %}
        {{ text_literal(target['pattern']) if rule.method == 'even' else "'target " ~ target['target_no'] ~ "'" }} as unit,
        1 as weight
    from (select distinct billing_month from matched_{{ n }} where is_matched) as months
    where
        not exists (
            select 1
            from weighed_{{ n }} as weighed
            where
                weighed.billing_month = months.billing_month
                and weighed.weight > 0
                and lower(weighed.unit) = {{ text_literal(target['pattern']) if rule.method == 'even' else "'target " ~ target['target_no'] ~ "'" }}
        )
    {%- endfor %}
),

bearers_{{ n }} as (
    select
        *,
        cast({{ shared_cost_unit_weight(rule) }} as bigint) as unit_weight,
        cast(sum(weight) over (partition by billing_month, unit) as decimal(38, 0)) as unit_total
    from named_{{ n }}
),

units_{{ n }} as (
    select
        *,
        sum(unit_weight) over (partition by billing_month) as month_weight
    from (select distinct billing_month, unit, unit_weight from bearers_{{ n }}) as distinct_units
),

offered_{{ n }} as (
    select
        matched.*,
        units.unit,
        units.unit_weight,
        units.month_weight
    from matched_{{ n }} as matched
    inner join units_{{ n }} as units on matched.billing_month = units.billing_month
    where matched.is_matched
),

by_unit_{{ n }} as (
    {{ split_exactly('offered_' ~ n, 'pico', 'unit_weight', 'month_weight', 'state_key', 'unit', 'unit_pico') }}
),

by_owner_{{ n }} as (
    select
        by_unit.state_key,
        by_unit.unit,
        by_unit.unit_pico,
        bearers.weight,
        bearers.unit_total,
        {%- for owner in owners %}
        bearers.{{ owner }} as to_{{ owner }},
        {%- endfor %}
        concat_ws('|'
            {%- for owner in owners %}, bearers.{{ owner }}{% endfor -%}
            {%- for owner in owners %}, length(bearers.{{ owner }}){% endfor -%}
        ) as bearer_key
    from by_unit_{{ n }} as by_unit
    inner join bearers_{{ n }} as bearers
        on by_unit.billing_month = bearers.billing_month and by_unit.unit = bearers.unit
),

shares_{{ n }} as (
    {{ split_exactly('by_owner_' ~ n, 'unit_pico', 'weight', 'unit_total', 'state_key, unit', 'bearer_key', 'to_pico') }}
),

moves_{{ n }} as (
    select
        matched.*,
        shares.to_pico,
        {%- for owner in owners %}
        shares.to_{{ owner }},
        {%- endfor %}
        {{ n }} as step,
        {{ rule.line }} as rule_line,
        shares.bearer_key
    from shares_{{ n }} as shares
    inner join matched_{{ n }} as matched on shares.state_key = matched.state_key
    where shares.to_pico <> 0
),

state_{{ n }} as (
    {{ rows_of('matched_' ~ n, columns + owners + ['pico', 'is_direct', 'is_kept']) }}
    where state_key not in (select state_key from moves_{{ n }})
    union all
    select
        md5(concat_ws('|', state_key, bearer_key)) as state_key,
        {{ columns[1:] | join(', ') }},
        {%- for owner in owners %}
        to_{{ owner }} as {{ owner }},
        {%- endfor %}
        to_pico as pico,
        false as is_direct,
        is_kept
    from moves_{{ n }}
),
{% endif %}
{%- endmacro %}
