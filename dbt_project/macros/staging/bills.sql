{#- Words about pages of bills. -#}

{#- Number of columns that a page was grouped by, less one; of none too. -#}
{% macro group_columns(grouping) -%}
    length({{ grouping }}) - length(replace({{ grouping }}, ',', ''))
{%- endmacro %}

{#- Reports of rows without buckets: a period's rows stand on several pages of one answer, or in several
    files of one export. -#}
{% macro is_row_report(report) -%}
    ({{ report }} like 'analytics%' or {{ is_export(report) }})
{%- endmacro %}

{#- Bills of rows: a month's files land in one batch, and the newest one stands. -#}
{% macro is_export(report) -%}
    {{ report }} = 'export'
{%- endmacro %}
