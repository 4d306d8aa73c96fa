{# Rows that break what a folder's relations promise: `rules` is a list of (relation, its rules), and of a
   relation `one_row_per` is its grain, `filled` the columns that are never NULL, `one_of` those that
   hold only some values, or NULL, `never` what no row may be, `as_many_as` a relation that has as many rows
   of each day; with `of_built_days` those of the days that this run built are looked at, with `of_built_files` those of
   the files that it wrote, with `of_months_in_hand` those of its months. One row per rule that is broken: which, of what relation, how often,
   and the grain (or the day) of the first that breaks it. One query a folder: each test is a node of every run. #}
{% macro rows_are_whole(rules) %}
{%- set selects = [] %}
with
{%- for relation, rule in rules %}
{%- set grain = rule.get('one_row_per') or rule.get('filled', ['usage_date'])[:1] %}
{%- set key = 'coalesce(cast(' ~ grain | join(" as varchar), 'NULL') || ', ' || coalesce(cast(") ~ " as varchar), 'NULL')" %}
{%- set wrong = [] %}
{%- for column in rule.get('filled', []) %}
{%- do wrong.append((column ~ ' is NULL', column ~ ' is null')) %}
{%- endfor %}
{%- for column, values in rule.get('one_of', {}).items() %}
{%- do wrong.append((column ~ ' is none of ' ~ values | join(', '), column ~ " not in ('" ~ values | join("', '") ~ "')")) %}
{%- endfor %}
{%- for told, condition in rule.get('never', {}).items() %}
{%- do wrong.append((told, condition)) %}
{%- endfor %}
{%- set number = loop.index %}
{%- set rows = (written_rows(relation) ~ ' as written' if rule.get('of_built_files') else ref(relation)) ~ (' where usage_date in (select usage_date from ' ~ ref('int_requests') ~ ')' if rule.get('of_built_days') else '') %}
{%- set rows = rows ~ (' where ' ~ is_of_months_in_hand() if rule.get('of_months_in_hand') else '') %}
{%- if wrong %}
counted_{{ number }} as (
    select
        {%- for _, condition in wrong %}
        count(case when {{ condition }} then 1 end) as rows_{{ loop.index }},
        min(case when {{ condition }} then {{ key }} end) as first_{{ loop.index }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ rows }}
),
{% for told, _ in wrong %}
{%- do selects.append((relation, told, 'rows_' ~ loop.index, 'first_' ~ loop.index, 'counted_' ~ number)) %}
{%- endfor %}
{%- endif %}
{%- if rule.get('as_many_as') %}
compared_{{ number }} as (
    select cast(usage_date as varchar) as grain
    from (
        select usage_date, 1 as difference from {{ rows }}
        union all
        select usage_date, -1 as difference from {{ ref(rule['as_many_as']) }}
    ) as rows_of_both
    group by usage_date
    having sum(difference) <> 0
),
{% do selects.append((relation, 'other rows of a day than ' ~ rule['as_many_as'], 'count(*)', 'min(grain)', 'compared_' ~ number)) %}
{%- endif %}
{%- if rule.get('one_row_per') %}
repeated_{{ number }} as (
    select {{ key }} as grain
    from {{ rows }}
    group by {{ grain | join(', ') }}
    having count(*) > 1
),
{% do selects.append((relation, 'several rows of one ' ~ grain | join(', '), 'count(*)', 'min(grain)', 'repeated_' ~ number)) %}
{%- endif %}
{%- endfor %}
broken as (
    {%- for relation, told, count, first, place in selects %}
    select
        '{{ relation }}' as relation,
        '{{ told }}' as rule,
        {{ count }} as failing_rows,
        {{ first }} as first_grain
    from {{ place }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from broken
where failing_rows > 0
{% endmacro %}
