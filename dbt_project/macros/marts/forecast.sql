{# What a backtest may be off by, in percent, that a forecast is still said to be one. #}
{% macro reliable_error() -%}
    12
{%- endmacro %}

{# So many origins, a week apart; of each the fortnight after it is forecast. Fewer than `least_origins` say nothing. #}
{% macro origins() -%}
    {{ return(6) }}
{%- endmacro %}

{% macro least_origins() -%}
    {{ return(3) }}
{%- endmacro %}

{# Weeks that a trend is seen over. #}
{% macro trend_weeks() -%}
    {{ return(8) }}
{%- endmacro %}

{# All weeks that any origin reads. #}
{% macro forecast_weeks() -%}
    {{ return(origins() + 1 + trend_weeks()) }}
{%- endmacro %}

{# What the meters of a row of quantities cost at a row of prices, in pico-units; one without a price is left out. #}
{% macro at_prices(quantities, prices) -%}
    {%- set costs = [] -%}
    {%- for meter in var('meters') -%}
        {%- set cost = whole(quantities ~ '.' ~ meter ~ '_quantity') ~ ' * ' ~ whole(prices ~ '.' ~ meter ~ '_price') -%}
        {%- do costs.append('coalesce(' ~ cost ~ ', 0)') -%}
    {%- endfor -%}
    {{ quotient(costs | join('\n            + '), '1000000') }}
{%- endmacro %}

{# Micro-requests of the week that is `ahead` weeks after an origin: the line of least squares through the weeks
   before it; of less than four weeks their mean. Growth goes on; a fall, which nears nothing and does not pass it, goes
   on for as many weeks as it was seen. #}
{% macro requests_ahead(origin, ahead) -%}
    {%- set weeks = origin ~ '.weeks_known' -%}
    {%- set weeks_of_trend = 'case when ' ~ origin ~ '.leaning < 0 then least(' ~ ahead ~ ', ' ~ weeks ~ ') else ' ~ ahead ~ ' end' -%}
    {%- set spread = '(' ~ weeks ~ ' * ' ~ weeks ~ ' - 1)' -%}
    case
        when {{ weeks }} >= 4
            then greatest(
                {{ quotient(
                    whole(
                        origin ~ '.requests * ' ~ spread ~ ' + 3 * ' ~ origin ~ '.leaning * (' ~ weeks
                        ~ ' - 1 + 2 * ' ~ weeks_of_trend ~ ')'
                    ) ~ ' * 1000000',
                    whole(weeks ~ ' * ' ~ spread)
                ) }},
                0
            )
        else {{ quotient(whole(origin ~ '.requests') ~ ' * 1000000', whole(weeks)) }}
    end
{%- endmacro %}

{# Of an amount that recent requests cost: what so many micro-requests cost. #}
{% macro cost_of_requests(origin, micro_requests) -%}
    {{ at_count(origin ~ '.recent_priced_pico', micro_requests, whole('nullif(' ~ origin ~ '.recent_requests, 0)') ~ ' * 1000000') }}
{%- endmacro %}

{# How far a forecast was from what came, in percent with two places; of nothing that came it is all or nothing. #}
{% macro error_of(forecast, actual) -%}
    case
        when {{ forecast }} is null then cast(null as decimal(18, 2))
        when {{ actual }} <> 0
            then cast({{ percent_of('abs(' ~ forecast ~ ' - ' ~ actual ~ ')', 'abs(' ~ actual ~ ')') }} as decimal(18, 2))
        when {{ forecast }} = 0 then cast(0 as decimal(18, 2))
        else cast(100 as decimal(18, 2))
    end
{%- endmacro %}

{# The mean of such errors, rounded down. #}
{% macro mean_error(error) -%}
    cast(
        {{ quotient(whole('sum(' ~ error ~ ') * 100'), 'nullif(count(' ~ error ~ '), 0)') }} * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
    )
{%- endmacro %}

{# So many mean errors of a fortnight above what is forecast lies what nine of ten stay below: 1.6 of normal errors, and
   the root of the fortnights until the end of the month as many. #}
{% macro errors_to_p90(fortnights) -%}
    case {{ fortnights }}
        {%- for errors in [1.6, 2.26, 2.77, 3.2, 3.58, 3.92, 4.23, 4.53] %}
        when {{ loop.index }} then {{ errors }}
        {%- endfor %}
        else 4.8
    end
{%- endmacro %}
