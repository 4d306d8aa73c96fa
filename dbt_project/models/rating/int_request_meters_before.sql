{{ config(materialized='incremental', incremental_strategy='append') }}
-- One row per request and meter of the days that are rated again, as it was rated before, until the
-- difference is drawn. The oldest state stays: a run that is killed in between loses nothing.
{%- set columns = {
    'request_key': 'varchar',
    'usage_date': 'date',
    'meter': 'varchar',
    'quantity': 'bigint',
    'price_id': 'varchar',
    'list_pico_per_million': 'decimal(38, 0)',
    'contracted_pico_per_million': 'decimal(38, 0)',
    'list_cost_pico': 'decimal(38, 0)',
    'contracted_cost_pico': 'decimal(38, 0)',
} %}
{#- not a ref: the table as the run before left it, which this run replaces next -#}
{%- set rated = adapter.get_relation(this.database, this.schema, 'int_request_meters') if execute %}
{%- set there = adapter.get_columns_in_relation(rated) | map(attribute='name') | list if rated else [] %}
with day_inputs as (
    select * from {{ ref('int_day_inputs') }}
),

{%- if rated %}

rated as (
    select rated.* from {{ rated }} as rated
    left join day_inputs
        on rated.usage_date = day_inputs.usage_date and rated.day_hash = day_inputs.day_hash
    where day_inputs.usage_date is null
),
{%- endif %}

final as (
    select
        {%- for column, type in columns.items() %}
        cast({{ 'rated.' ~ column if column in there else 'null' }} as {{ type }}) as {{ column }}
        {{- "," if not loop.last }}
        {%- endfor %}
    {%- if rated %}
    from rated
    {%- if is_incremental() %}
    left join {{ this }} as kept
        on rated.request_key = kept.request_key and rated.meter = kept.meter
    where kept.request_key is null
    {%- endif %}
    {%- else %}
    from day_inputs
    where false
    {%- endif %}
)

select * from final
