-- One row per pool of our own and month that logs cover: its monthly cost is its invoice, a line that is valid
-- in part of the month owes its hours of it. A month that still runs has none.
with hours as (
    select * from {{ ref('int_capacity_hours') }}
),

logged as (
    select max(usage_date) as newest_day
    from {{ ref('int_day_inputs') }}
),

lines as (
    select line, monthly_pico, valid_from, valid_to
    from {{ ref('stg_reference__capacity') }}
    where provider = 'own'
),

owed as (
    select
        hours.pool,
        hours.billing_month,
        hours.line,
        sum(hours.cost_pico) as hours_pico,
        bool_and(
            lines.valid_from <= hours.billing_month
            and hours.billing_month + interval 1 month <= lines.valid_to
        ) as is_whole_month,
        max(lines.monthly_pico) as monthly_pico
    from hours
    inner join lines on hours.line = lines.line
    group by hours.pool, hours.billing_month, hours.line
),

final as (
    select
        'own' as provider,
        owed.pool as billing_account,
        owed.billing_month,
        'capacity:' || owed.pool || ':' || owed.billing_month as invoice_id,
        '{{ var("currency") }}' as currency,
        cast(sum(case when owed.is_whole_month then owed.monthly_pico else owed.hours_pico end) as decimal(38, 0))
            as invoice_pico
    from owed
    cross join logged
    where logged.newest_day >= {{ last_of_month('owed.billing_month') }}
    group by owed.pool, owed.billing_month
)

select * from final
