{# A user's hour from which on the user has rows of their own: five dollars at list price. #}
{% macro user_watched_from_pico() -%}
    5000000000000
{%- endmacro %}

{# The least hour that can be out of line where nothing has a price: units of whatever meter, and requests. #}
{% macro watched_units() -%}
    10000000
{%- endmacro %}

{% macro watched_requests() -%}
    1000
{%- endmacro %}
