{# Which budget a line of budgets.csv is of; several lines are its periods. #}
{% macro budget_id() -%}
    concat_ws(':', scope, coalesce(scope_id, 'all'), unit, environment)
{%- endmacro %}

{# Scopes of budgets.csv that a column of a cell and its money tells, with that column: owners in any case, ids as
   they are. The company is all of it; a credential is also the gateway's key; users and customers are in no cell. #}
{% macro budget_columns() -%}
    {%- set columns = [('provider', 'provider'), ('sub_account', 'sub_account')] -%}
    {%- for dimension in owner_dimensions() if dimension != 'environment' -%}
        {%- do columns.append((dimension, dimension)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# True where a row of `rows` is in the environment that a budget is of. #}
{% macro in_budget_environment(rows) -%}
    (targets.only_environment is null or lower({{ rows }}.environment) = lower(targets.only_environment))
{%- endmacro %}

{# Budgets with every row of `rows` that is in their scope, credentials left out; `columns` of both. #}
{% macro in_budget_scopes(rows, columns) -%}
    select
        targets.budget_id,
        targets.unit,
        {{ columns }}
    from targets
    inner join {{ rows }} on {{ in_budget_environment(rows) }}
    where targets.scope = 'company'
    {%- for scope, column in budget_columns() %}
    union all
    select
        targets.budget_id,
        targets.unit,
        {{ columns }}
    from targets
    inner join {{ rows }}
        on
            {% if column == 'sub_account' -%}
            targets.scope_id = {{ rows }}.sub_account
            {%- else -%}
            lower(targets.scope_id) = lower({{ rows }}.{{ column }})
            {%- endif %}
            and {{ in_budget_environment(rows) }}
    where targets.scope = '{{ scope }}'
    {%- endfor %}
{%- endmacro %}

{# What of a cell's meter is of the keys in `of`, a row of sums of int_cell_keys: a fee by the call, and a meter that
   nobody counted, by requests. #}
{% macro key_quantity(of, meter) -%}
    case
        {%- for name in var('meters') %}
        when {{ meter }} = '{{ name }}' and {{ of }}.cell_{{ name }}_quantity > 0 then {{ of }}.{{ name }}_quantity
        {%- endfor %}
        else {{ of }}.requests
    end
{%- endmacro %}

{% macro cell_quantity(of, meter) -%}
    case
        {%- for name in var('meters') %}
        when {{ meter }} = '{{ name }}' and {{ of }}.cell_{{ name }}_quantity > 0 then {{ of }}.cell_{{ name }}_quantity
        {%- endfor %}
        else {{ of }}.cell_requests
    end
{%- endmacro %}

{# An environment in which nobody's customers are. #}
{% macro is_development(environment) -%}
    lower(coalesce({{ environment }}, '')) in ('dev', 'development', 'local', 'sandbox')
{%- endmacro %}
