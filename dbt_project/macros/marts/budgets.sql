{# The moment of an hour at which `limit` was reached, as if the hour was spent evenly; from its
   beginning where it was reached before. #}
{% macro crossed_at(threshold) -%}
    case
        when {{ threshold }} is null or used_pico < {{ threshold }} then null
        when used_before_pico >= {{ threshold }} then usage_hour
        else usage_hour + to_microseconds(
            cast({{ split_floor('3600000000', '(' ~ threshold ~ ' - used_before_pico)', 'amount_pico') }} as bigint)
        )
    end
{%- endmacro %}

{# How long it takes to use up `left`, from the end of the hour on, at so much in so many hours; NULL where that is
   not within the month. #}
{% macro used_up_at(left, rate, hours) -%}
    case
        when {{ left }} * {{ hours }} < {{ rate }} * remaining_hours
            then usage_hour + interval 1 hour + to_minutes(
                cast({{ split_floor('(' ~ left ~ ' * 60)', hours, rate) }} as bigint)
            )
    end
{%- endmacro %}

{# What a key of development may spend in a month, in money of the workspace. #}
{% macro most_of_a_development_key() -%}
    50
{%- endmacro %}
