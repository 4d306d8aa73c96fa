{# Instants of landed files become plain UTC timestamps at the border, those of other tables of schema
   landing are; every range is half-open. #}

{% macro utc(instant) -%}
    {{ adapter.dispatch('utc')(instant) }}
{%- endmacro %}

{% macro default__utc(instant) -%}
    ({{ instant }} at time zone 'UTC')
{%- endmacro %}

{# The same instant as text, which ids are made of: of UTC, and it says so. #}
{% macro instant_text(instant) -%}
    {{ adapter.dispatch('instant_text')(instant) }}
{%- endmacro %}

{% macro default__instant_text(instant) -%}
    cast({{ instant }} as string)
{%- endmacro %}

{# The moment at which the hour, day or month of a UTC timestamp begins. #}
{% macro start_of(period, utc_timestamp) -%}
    {{ adapter.dispatch('start_of')(period, utc_timestamp) }}
{%- endmacro %}

{% macro default__start_of(period, utc_timestamp) -%}
    date_trunc('{{ period }}', {{ utc_timestamp }})
{%- endmacro %}

{# The date of a UTC timestamp on the wall calendar of the workspace. #}
{% macro showback_date(utc_timestamp) -%}
    {{ adapter.dispatch('showback_date')(utc_timestamp) }}
{%- endmacro %}

{% macro default__showback_date(utc_timestamp) -%}
    {%- if var("timezone") == "UTC" -%}
    cast({{ utc_timestamp }} as date)
    {%- else -%}
    cast({{ utc_timestamp }} at time zone 'UTC' at time zone '{{ var("timezone") }}' as date)
    {%- endif -%}
{%- endmacro %}

{% macro first_of_month(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro last_of_month(day) -%}
    cast(date_trunc('month', {{ day }}) + interval 1 month - interval 1 day as date)
{%- endmacro %}

{# The first of every month in [first, until), both firsts of a month, one row each. #}
{% macro each_month(first, until) -%}
    {{ adapter.dispatch('each_month')(first, until) }}
{%- endmacro %}

{% macro default__each_month(first, until) -%}
    cast(unnest(generate_series({{ first }}, {{ until }} - interval 1 day, interval 1 month)) as date)
{%- endmacro %}

{# Every day in [first, until), one row each. #}
{% macro each_day(first, until) -%}
    {{ adapter.dispatch('each_day')(first, until) }}
{%- endmacro %}

{% macro default__each_day(first, until) -%}
    cast(unnest(generate_series({{ first }}, {{ until }} - interval 1 day, interval 1 day)) as date)
{%- endmacro %}

{# The date of a billed period in its provider's own calendar. A day of 23 to 25 hours is the date of its
   13th hour: so from UTC-10 to UTC+13 each falls on the date that the provider means. Other periods have
   the UTC date of their start. #}
{% macro billed_date(period_start, period_end) -%}
    cast(
        case
            when {{ is_a_day(period_start, period_end) }} then {{ period_start }} + interval 13 hour
            else {{ period_start }}
        end as date
    )
{%- endmacro %}

{% macro is_a_day(period_start, period_end) -%}
    {{ period_end }} between {{ period_start }} + interval 23 hour and {{ period_start }} + interval 25 hour
{%- endmacro %}

{# True where an hour is in the billed period: also one that the period cuts. #}
{% macro hour_in_period(usage_hour, period_start, period_end) -%}
    {{ usage_hour }} < {{ period_end }}
            and {{ period_start }} < {{ usage_hour }} + interval 1 hour
{%- endmacro %}

{# True where an hour is of the day or days of a billed period: of hours, the whole UTC day. #}
{% macro hour_of_billed_day(usage_hour, period_start, period_end) -%}
    case
        when {{ period_end }} < {{ period_start }} + interval 23 hour
            then
                cast({{ usage_hour }} as date) between cast({{ period_start }} as date)
                and cast({{ period_end }} - interval 1 microsecond as date)
        else {{ hour_in_period(usage_hour, period_start, period_end) }}
    end
{%- endmacro %}

{# Every hour that starts in [first, until), one row each. #}
{% macro each_hour(first, until) -%}
    {{ adapter.dispatch('each_hour')(first, until) }}
{%- endmacro %}

{% macro default__each_hour(first, until) -%}
    unnest(generate_series({{ first }}, {{ until }} - interval 1 hour, interval 1 hour))
{%- endmacro %}

{% macro milliseconds_between(first, last) -%}
    {{ adapter.dispatch('milliseconds_between')(first, last) }}
{%- endmacro %}

{% macro default__milliseconds_between(first, last) -%}
    date_diff('millisecond', {{ first }}, {{ last }})
{%- endmacro %}

{# The newest hour with use in `relation`, which is taken for now. A day more than a week after all before it, with less
   than a twentieth of a day's usual requests, is a clock that goes wrong: the days between are not known. #}
{% macro newest_hour_of(relation) -%}
    select coalesce(max(newest_hour) filter (where not is_alone), max(newest_hour)) as newest_hour
    from (
        select
            max(usage_hour) as newest_hour,
            coalesce(
                cast(usage_hour as date) - lag(cast(usage_hour as date)) over (
                    order by cast(usage_hour as date) nulls last
                ) > 7
                and 20 * sum(requests) * count(*) over () < sum(sum(requests)) over (),
                false
            ) as is_alone
        from {{ relation }}
        group by cast(usage_hour as date)
    ) as days_of_use
{%- endmacro %}
