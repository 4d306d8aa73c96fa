{# Before an aggregate by day is given the rows of the days in hand, it gives up those that it has of them,
   and of days that nothing is of any more. #}
{% macro forget_days_in_hand() -%}
    {%- set in_hand, all_days = ref('int_days_in_hand'), ref('int_day_inputs') %}
    {%- if is_incremental() %}
    delete from {{ this }}
    where
        usage_date in (select usage_date from {{ in_hand }})
        or usage_date not in (select usage_date from {{ all_days }})
    {%- endif %}
{%- endmacro %}

{# Changed days that a later pass makes: what there is of them is of before. None in the whole build. #}
{% macro days_left() -%}
    select day_inputs.usage_date
    from {{ ref('int_day_inputs') }} as day_inputs
    left join {{ ref('int_days_in_hand') }} as in_hand on day_inputs.usage_date = in_hand.usage_date
    left join {{ source('built', 'built_days') }} as built_days
        on
            day_inputs.usage_date = built_days.usage_date
            and day_inputs.day_hash = built_days.day_hash
    where in_hand.usage_date is null and built_days.usage_date is null
{%- endmacro %}

{# A day is built until what decides it is another thing; from then on it is not, though the run be killed
   and what it was come back: some of its outputs may be made already. #}
{% macro forget_stale_days() -%}
    delete from {{ source('built', 'built_days') }}
    where
        concat_ws('|', usage_date, day_hash) not in (
            select concat_ws('|', usage_date, day_hash)
            from {{ ref('int_day_inputs') }}
        )
{%- endmacro %}
