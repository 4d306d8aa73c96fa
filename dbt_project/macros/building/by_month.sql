{# A table of which a build makes the billing months in hand: their rows go before the new ones come, in one
   transaction, and so do those of months that are no more. Another shape comes with other rules, and these take
   every month in hand: the table is made anew. A month's rows lie together: else the next day of one would have
   all of the table written again, as rows of every month are in each part of it, and who asks for a month reads all. #}
{% materialization by_month, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- do refuse_grants(target) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
    {%- set has_shape = existing is not none and existing.type == 'table'
        and shape_of(columns_of(existing)) == shape_of(columns_of('(' ~ sql ~ ')')) -%}
    {%- call statement('main') %}
        {%- if has_shape %}
        {{ forget_months_in_hand(target) }};
        insert into {{ target }} (
            {{ in_order_of_months(sql) }}
        )
        {%- else %}
        {%- if existing is not none and existing.type != 'table' %}
        drop {{ existing.type }} {{ existing }};
        {%- endif %}
        create or replace table {{ target }} as (
            {{ in_order_of_months(sql) }}
        )
        {%- endif %}
    {%- endcall -%}
    {%- do hold_contract(target) -%}
    {%- do write_comments(target) -%}
    {%- do run_hooks(post_hooks, inside_transaction=True) -%}
    {%- do adapter.commit() %}
    {{- return({'relations': [target]}) }}
{% endmaterialization %}

{% macro in_order_of_months(sql) -%}
    select * from (
        {{- sql }}
    ) as rows_of_months
    order by billing_month nulls last
{%- endmacro %}

{# Names and types of the columns, in order. #}
{% macro shape_of(columns) -%}
    {%- set shape = [] -%}
    {%- for column in columns %}{% do shape.append((column[0], column[1])) %}{% endfor -%}
    {{ return(shape) }}
{%- endmacro %}

{% macro forget_months_in_hand(relation) -%}
    delete from {{ relation }}
    where
        billing_month in (select billing_month from {{ table_of_months('int_months_in_hand') }})
        or billing_month not in (select billing_month from {{ table_of_months('int_month_inputs') }})
{%- endmacro %}

{# Tables that a materialization reads, which may not refer to models; they stand before who asks. #}
{% macro table_of_months(name) -%}
    {{ return(api.Relation.create(database=target.database, schema='intermediate', identifier=name, type='table')) }}
{%- endmacro %}

{# A month is built until what decides it is another thing; from then on it is not, though the run be killed
   and what it was come back: some of its outputs may be made already. #}
{% macro forget_stale_months() -%}
    delete from {{ source('built', 'built_months') }}
    where
        concat_ws('|', billing_month, month_hash) not in (
            select concat_ws('|', billing_month, month_hash)
            from {{ ref('int_month_inputs') }}
        )
{%- endmacro %}

{# True for rows of the months in hand. #}
{% macro is_of_months_in_hand() -%}
    billing_month in (select billing_month from {{ ref('int_months_in_hand') }})
{%- endmacro %}
