{# What is usual of an hour and what is out of line: docs/signals.md, docs/decisions.md 126. #}
{% macro runaway_rules() -%}
    {{ return({
        'days_shown': 35,
        'days_ahead': 7,
        'weeks': 8,
        'days': 14,
        'known_after_days': 28,
        'new_for_days': 7,
        'times': 3,
        'most_times': 4,
        'varying': 24,
        'days_varying': 7,
        'deviations': 6,
        'new_times': 4,
        'loop_requests': 100,
        'loop_part': 5,
        'apart_hours': 24,
        'morning': 9,
    }) }}
{%- endmacro %}

{#
Times what is usual from where on an hour is out of line, in thousandths: 3, and up to 4 of an entity whose hours vary
(by `varies`, median deviations in thousandths of what is usual) by more than a twelfth.
#}
{% macro usual_times(varies) -%}
    {%- set rules = runaway_rules() -%}
    cast(
        least(
            greatest(1000 + {{ rules.varying }} * coalesce({{ varies }}, 0), {{ 1000 * rules.times }}),
            {{ 1000 * rules.most_times }}
        ) as decimal(38, 0)
    )
{%- endmacro %}

{# Along what spend is watched, in the order in which one alert stands for others: a key is what can be turned off. #}
{% macro watched_axes() -%}
    {{ return(['key', 'loop', 'user'] + owner_dimensions() + ['model']) }}
{%- endmacro %}

{# Place of an axis in that order. #}
{% macro axis_rank(axis) -%}
    case {{ axis }}
        {%- for known in watched_axes() %}
        when '{{ known }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}

{# What of a row of int_use_hourly stands under each axis; NULL where nothing does. #}
{% macro watched_entity(axis, use) -%}
    {%- if axis == 'key' -%}
        {{ use }}.source || '/' || {{ use }}.key_name
    {%- elif axis == 'loop' -%}
        concat_ws(' ', {{ use }}.source || '/' || {{ use }}.key_name, {{ owner_columns(use) }}, {{ use }}.provider || '/' || {{ use }}.model)
    {%- elif axis == 'user' -%}
        {{ use }}.user_id
    {%- elif axis == 'model' -%}
        {{ use }}.provider || '/' || {{ use }}.model
    {%- else -%}
        nullif({{ use }}.{{ axis }}, '__unallocated__')
    {%- endif -%}
{%- endmacro %}

{# The least of an hour that is looked at: money, else units and requests without a price; of a loop its requests. #}
{% macro runaway_floors() -%}
    {%- set money = "cast(cast('" ~ var('runaways_floor') ~ "' as decimal(38, 12)) * 1000000000000 as decimal(38, 0))" -%}
    {{ return({
        'list_cost': money,
        'unpriced_quantity': watched_units(),
        'unpriced_requests': watched_requests(),
        'requests': runaway_rules().loop_requests,
    }) }}
{%- endmacro %}

{% macro runaway_floor(measure) -%}
    case {{ measure }}
        {%- for known, floor in runaway_floors().items() %}
        when '{{ known }}' then {{ floor }}
        {%- endfor %}
    end
{%- endmacro %}

{# An amount of any measure as people read it: money is in pico-units, all else is counted. #}
{% macro in_measure(amount) -%}
    case when measure = 'list_cost' then {{ from_pico(amount) }} else cast({{ amount }} as decimal(38, 12)) end
{%- endmacro %}

{# True where sizes of an hour's requests vary by less than a twentieth of their mean, in whole numbers. #}
{% macro is_alike(hours) -%}
    {{ hours }}.tokens > 0
    and 400 * ({{ hours }}.requests * {{ hours }}.squares_of_tokens - {{ whole(hours ~ '.tokens') }} * {{ hours }}.tokens)
    <= {{ whole(hours ~ '.tokens') }} * {{ hours }}.tokens
{%- endmacro %}

{# Whole minutes from a UTC moment to the next morning on the workspace's clock. #}
{% macro minutes_to_morning(utc_timestamp) -%}
    {%- set local = '(' ~ utc_timestamp ~ " at time zone 'UTC' at time zone '" ~ var('timezone') ~ "')" -%}
    {%- set into_the_day = "date_diff('minute', date_trunc('day', " ~ local ~ '), ' ~ local ~ ')' -%}
    {%- set morning = 60 * runaway_rules().morning -%}
    case
        when {{ into_the_day }} < {{ morning }} then {{ morning }} - {{ into_the_day }}
        else {{ 1440 + morning }} - {{ into_the_day }}
    end
{%- endmacro %}

{# Money of a runaway; NULL where nothing of its use has a price. #}
{% macro known_of(pico, runaway) -%}
    case
        when {{ runaway }}.list_cost_pico > 0 or {{ runaway }}.unpriced_requests = 0 then {{ from_pico(pico) }}
    end
{%- endmacro %}

{# Which of several measures tells of an hour. #}
{% macro measure_rank(measure) -%}
    case {{ measure }}
        {%- for known in ['list_cost', 'requests', 'unpriced_quantity', 'unpriced_requests'] %}
        when '{{ known }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}
