{# The rules of shared_costs.csv in the order they run, each with its conditions and targets. Models are
   written for these rules, so that the compiled SQL reads as the company's own policy. #}
{% macro shared_cost_rules() -%}
    {{ return(var('shared_cost_rules')) }}
{%- endmacro %}

{# One condition of a rule on an allocation's column; the gateway's case does not count. #}
{% macro is_like(column, pattern) -%}
    {{ glob_match("lower(coalesce(" ~ column ~ ", ''))", text_literal(pattern)) }}
{%- endmacro %}

{# True where an allocation meets every condition of a rule, or, with `only_owners`, where its owner does. #}
{% macro meets_rule(rule, only_owners=false) -%}
    {%- set columns = var('allocation_fields') -%}
    {%- set met = [] -%}
    {%- for condition in rule.conditions
        if not only_owners or condition['field'] in owner_dimensions() -%}
        {%- do met.append(
            is_like(columns[condition['field']], condition['pattern'])
        ) -%}
    {%- endfor -%}
    {{ met | join(' and ') if met else ('false' if only_owners else 'true') }}
{%- endmacro %}

{# What an owner of `state` weighs by a rule's basis, in whole numbers. #}
{% macro shared_cost_basis(basis) -%}
    {%- if basis == 'requests' -%}
        requests
    {%- elif basis == 'tokens' -%}
        tokens
    {%- elif basis == 'direct_cost' -%}
        {{ split_floor('greatest(direct_pico, 0)', '1', '1000') }}
    {%- else -%}
        {{ split_floor('greatest(total_pico, 0)', '1', '1000') }}
    {%- endif -%}
{%- endmacro %}

{# Which unit of the split an owner belongs to: all together, its value of the target dimension, or the
   target that names it; NULL where it bears nothing. #}
{% macro shared_cost_unit(rule) -%}
    case
        {%- for target in rule.targets %}
        when
            {{ target['dimension'] }} <> '__unallocated__'
            and {{ is_like(target['dimension'], target['pattern']) }}
            then {{ {
                'proportional': "'all'",
                'even': target['dimension'],
                'fixed': "'target " ~ target['target_no'] ~ "'",
            }[rule.method] }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro shared_cost_unit_weight(rule) -%}
    {%- if rule.method == 'fixed' -%}
    case unit
        {%- for target in rule.targets %}
        when 'target {{ target["target_no"] }}' then {{ target['share'] }}
        {%- endfor %}
    end
    {%- else -%}
    1
    {%- endif -%}
{%- endmacro %}

{# The money that chargeback posts and shared costs move: of the invoice, or amortised. #}
{% macro basis_cost() -%}
    {{ 'effective_cost' if var('chargeback_basis') == 'effective' else 'billed_cost' }}
{%- endmacro %}

{% macro basis_pico() -%}
    {{ basis_cost() | replace('_cost', '_pico') }}
{%- endmacro %}
