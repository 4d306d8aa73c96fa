-- One row per line of capacity.csv and hour that it is paid for: its exact part of the month's cost.
-- The cost of a month is spread over all hours of the month; those in which the line is valid count,
-- from the month of the first attributed day to the end of the newest day with logs.
with capacity as (
    select * from {{ ref('stg_reference__capacity') }}
),

since as (
    select since from {{ ref('int_since') }}
),

logged as (
    select max(usage_date) + interval 1 day as logged_until
    from {{ ref('int_day_inputs') }}
),

spans as (
    select
        capacity.*,
        greatest(capacity.valid_from, date_trunc('month', since.since)) as paid_from,
        least(capacity.valid_to, cast(logged.logged_until as timestamp)) as paid_until
    from capacity
    cross join since
    cross join logged
),

hours as (
    select
        line,
        pool,
        owner,
        supply,
        provider,
        billing_account,
        monthly_pico,
        capacity,
        capacity_unit,
        paid_from,
        paid_until,
        {{ each_hour(
            "date_trunc('month', paid_from)",
            "date_trunc('month', paid_until - interval 1 microsecond) + interval 1 month"
        ) }} as usage_hour
    from spans
    where paid_from < paid_until
),

months as (
    select
        *,
        1 as one_hour,
        {{ first_of_month('usage_hour') }} as billing_month,
        line || ':' || date_trunc('month', usage_hour) as line_month,
        count(*) over (partition by line, date_trunc('month', usage_hour)) as hours_of_month
    from hours
),

costed as (
    {{ split_exactly(
        'months', 'monthly_pico', 'one_hour', 'hours_of_month', 'line_month', 'usage_hour', 'cost_pico'
    ) }}
),

final as (
    select
        line,
        pool,
        owner,
        supply,
        provider,
        billing_account,
        capacity,
        capacity_unit,
        billing_month,
        usage_hour,
        cost_pico,
        'capacity:' || pool || ':' || coalesce(owner, '') || ':' || cast(usage_hour as date) as charge_id
    from costed
    where paid_from <= usage_hour and usage_hour < paid_until
)

select * from final
