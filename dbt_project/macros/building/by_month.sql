{# A table of which a build makes the billing months in hand: their rows go before the new ones come, in one
   transaction, and so do those of months that are no more. Another shape comes with other rules, and these take
   every month in hand: the table is made anew. #}
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
            {{- sql }}
        )
        {%- else %}
        {%- if existing is not none and existing.type != 'table' %}
        drop {{ existing.type }} {{ existing }};
        {%- endif %}
        create or replace table {{ target }} as (
            {{- sql }}
        )
        {%- endif %}
    {%- endcall -%}
    {%- do hold_contract(target) -%}
    {%- do write_comments(target) -%}
    {%- do run_hooks(post_hooks, inside_transaction=True) -%}
    {%- do adapter.commit() %}
    {{- return({'relations': [target]}) }}
{% endmaterialization %}

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

{# What says of which inputs each month was built: none before the first build, and none for who asks for
   everything anew. #}
{% macro months_built() -%}
    {%- if not flags.FULL_REFRESH -%}
    {{ return(load_cached_relation(table_of_months('months_built'))) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# A table that materializations and hooks read, which may not refer to models; each stands before who asks. #}
{% macro table_of_months(name) -%}
    {{ return(api.Relation.create(database=target.database, schema='intermediate', identifier=name, type='table')) }}
{%- endmacro %}

{# From here on the months in hand are not built: a run that is killed leaves them in hand, though what they
   read may be by then what it was before. #}
{% macro forget_months_built() -%}
    {%- set built = months_built() %}
    {%- if built is not none %}
    delete from {{ built }}
    where
        billing_month in (select billing_month from {{ table_of_months('int_months_in_hand') }})
        or billing_month not in (select billing_month from {{ table_of_months('int_month_inputs') }})
    {%- endif %}
{%- endmacro %}

{# At the end of a build: where all of it was made and every test passed its months are built. A build of some
   models, or one that a test ended, leaves them in hand: the next one makes and tests them again. #}
{% macro note_months_built(results) -%}
    {%- if execute -%}
        {%- set made = [] -%}
        {%- for result in results if result.status in ('success', 'pass', 'warn', 'no-op') %}{% do made.append(result.node.name) %}{% endfor -%}
        {%- set needed = ['int_month_inputs', 'int_months_in_hand'] -%}
        {%- for node in graph.nodes.values() if node.config.materialized == 'by_month' %}{% do needed.append(node.name) %}{% endfor -%}
        {%- if results and made | length == results | length and needed | reject('in', made) | list == [] -%}
            create or replace table {{ table_of_months('months_built') }} as
            select * from {{ table_of_months('int_month_inputs') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# True for rows of the months in hand. #}
{% macro is_of_months_in_hand() -%}
    billing_month in (select billing_month from {{ ref('int_months_in_hand') }})
{%- endmacro %}
