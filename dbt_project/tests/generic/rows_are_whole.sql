{% test rows_are_whole(model, one_row_per=[], filled=[], one_of={}) %}
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
-- One row per rule that the model breaks, which it names: its grain, the columns that are never
-- NULL, and those that hold only some values, or NULL. One query, for each test costs a run 50 ms.
{%- set rules = [] %}
with counted as (
    select
        {%- for column in filled %}
        {%- do rules.append((column ~ ' is NULL', column ~ '_is_null')) %}
        count(case when {{ column }} is null then 1 end) as {{ column }}_is_null,
        {%- endfor %}
        {%- for column, values in one_of.items() %}
        {%- do rules.append((column ~ ' is none of ' ~ values | join(', '), column ~ '_is_other')) %}
        count(case when {{ column }} not in ('{{ values | join("', '") }}') then 1 end) as {{ column }}_is_other,
        {%- endfor %}
        count(*) as all_rows
    from {{ model }}
),

{% if one_row_per -%}
repeated as (
    select {{ one_row_per | join(', ') }}
    from {{ model }}
    group by {{ one_row_per | join(', ') }}
    having count(*) > 1
),

{% endif -%}
broken as (
    {%- for rule, column in rules %}
    select
        '{{ rule }}' as rule,
        {{ column }} as failing_rows
    from counted
    {{ 'union all' if one_row_per or not loop.last }}
    {%- endfor %}
    {%- if one_row_per %}
    select
        'several rows of one {{ one_row_per | join(', ') }}' as rule,
        count(*) as failing_rows
    from repeated
    {%- endif %}
)

select *
from broken
where failing_rows > 0
{% endtest %}
