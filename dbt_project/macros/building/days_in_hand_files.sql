{# As the pre-hook of int_calls_told_twice, which is the first to read them: `landing.requests_in_hand` is of the
   files with requests used on the days in hand. Where a price has volume bands a day is rated with its month: these
   days' files are opened, too. Where several sources may log one call, so are those with a second beside a
   midnight of any of these days. #}
{% macro open_days_in_hand() -%}
    {{ open_landed_files('requests_in_hand', files_of_days_in_hand()) }}
{%- endmacro %}

{# Days whose requests are looked at: those in hand, and of prices with volume bands their months. #}
{% macro days_looked_at() -%}
    with days as (
        select usage_date from {{ ref('int_days_in_hand') }}
    ),

    volume_days as (
        select distinct days.usage_date
        from days
        inner join {{ ref('int_prices_dated') }} as prices
            on
                prices.valid_from < days.usage_date + interval 1 day
                and prices.valid_to > days.usage_date - interval 8 day
        where prices.volume_above > 0 or prices.volume_up_to is not null
    )

    select distinct request_days.usage_date
    from {{ source('seen', 'request_days') }} as request_days
    where
        request_days.usage_date in (select usage_date from days)
        or exists (
            select 1 from volume_days
            where
                -- a batch is dated by its completion, up to a week after it started
                request_days.usage_date >= {{ start_of('month', 'volume_days.usage_date - interval 8 day') }}
                and request_days.usage_date <= volume_days.usage_date + interval 8 day
        )
{%- endmacro %}

{% macro files_of_days_in_hand() -%}
    with days_looked_at as (
        {{ days_looked_at() }}
    )

    select distinct request_days.file
    from {{ source('seen', 'request_days') }} as request_days
    where
        request_days.usage_date in (select usage_date from days_looked_at)
        {%- if may_be_told_twice() %}
        or (
            request_days.last_hash is not null
            and cast(request_days.start_day + interval 1 day as date) in (select usage_date from days_looked_at)
        )
        or (
            request_days.first_hash is not null
            and cast(request_days.start_day - interval 1 day as date) in (select usage_date from days_looked_at)
        )
        {%- endif %}
{%- endmacro %}
