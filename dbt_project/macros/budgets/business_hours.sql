{# True where some of a UTC hour is within the workspace's business hours, by its own clock on that day, NULL where
   nobody said any. An hour that begins before midnight may reach into the next day, in zones of half an hour. #}
{% macro is_business_hour(utc_hour) -%}
    {%- set hours = var('business_hours') -%}
    {%- if not hours -%}
    cast(null as boolean)
    {%- else -%}
    {%- set local = '(' ~ utc_hour ~ " at time zone 'UTC' at time zone '" ~ var('timezone') ~ "')" -%}
    {%- set minute = "(60 * date_part('hour', " ~ local ~ ") + date_part('minute', " ~ local ~ '))' -%}
    {%- set days = hours.days | join(', ') -%}
    (
        (
            date_part('isodow', {{ local }}) in ({{ days }})
            and {{ minute }} < {{ hours.ends }}
            and {{ minute }} + 60 > {{ hours.begins }}
        )
        or (
            date_part('isodow', {{ local }} + interval 1 day) in ({{ days }})
            and {{ minute }} + 60 - 1440 > {{ hours.begins }}
        )
    )
    {%- endif -%}
{%- endmacro %}
