{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per day and distinct combination (rule_key) of the fields that rules use, and field: its
-- value in lower case. Only days on which a rule is in force; nothing where there are no rules.
{%- set fields = rule_fields() %}
{%- if fields %}
with days as (
    select * from {{ ref('int_days_in_hand') }}
),

rules as (
    select * from {{ ref('stg_reference__attribution_rules') }}
),

-- a batch is dated by its completion and ruled as of its start, up to a week before
ruled_days as (
    select days.*
    from days
    where
        exists (
            select 1
            from rules
            where
                rules.valid_from < days.usage_date + interval 1 day
                and rules.valid_to > days.usage_date - interval 8 day
        )
),

combinations as (
    select distinct
        requests.usage_date,
        ruled_days.day_hash,
        {{ rule_key(fields) }} as rule_key
        {%- for field in fields %},
        lower({{ rule_value(field) }}) as value_{{ loop.index }}
        {%- endfor %}
    from {{ ref('int_requests_identified') }} as requests
    inner join ruled_days on requests.usage_date = ruled_days.usage_date
),

final as (
    {%- for field in fields %}
    select
        usage_date,
        day_hash,
        rule_key,
        {{ text_literal(field) }} as field,
        value_{{ loop.index }} as value
    from combinations
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)
{%- else %}
-- depends_on: {{ ref('int_requests_identified') }} {{ ref('int_days_in_hand') }}
with rules as (
    select * from {{ ref('stg_reference__attribution_rules') }}
),

final as (
    select
        cast(null as date) as usage_date,
        cast(null as string) as day_hash,
        cast(null as string) as rule_key,
        cast(null as string) as field,
        match as value
    from rules
    where false
)
{%- endif %}

select * from final
