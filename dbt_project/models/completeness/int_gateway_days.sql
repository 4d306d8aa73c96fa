-- One row per gateway x UTC day of the months that logs, bills or lost records are of: records that landed,
-- whether the day lies between days with records, what the bill charges on the gateway's keys or models and no
-- request explains, and which line of accepted_losses.csv accepts its loss.
with gateways as (
    select source as gateway from {{ source('landing', 'sources') }}
    where kind = 'gateway'
),

landed as (
    select
        by_object.source as gateway,
        by_object.usage_date,
        cast(sum(by_object.records) as bigint) as records
    from {{ source('landing', 'request_objects') }} as by_object
    inner join {{ ref('stg_landing__objects') }} as objects
        on
            by_object.source = objects.source
            and by_object.batch = objects.batch
            and by_object.object_no = objects.object_no
    group by by_object.source, by_object.usage_date
),

spans as (
    select
        gateway,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from landed
    group by gateway
),

uncovered as (
    select
        gateway,
        usage_date,
        sum(uncovered_pico) as pico
    from {{ ref('int_uncovered_days') }}
    group by gateway, usage_date
),

months as (
    select billing_month from {{ ref('int_allocations') }}
    union
    select {{ first_of_month('usage_date') }} from landed
    union
    select {{ first_of_month('first_day') }} from {{ ref('stg_landing__quarantine') }}
    where kind = 'gateway' and first_day is not null
    union
    select {{ first_of_month('last_day') }} from {{ ref('stg_landing__quarantine') }}
    where kind = 'gateway' and last_day is not null
),

days as (
    select
        billing_month,
        {{ each_day('billing_month', 'billing_month + interval 1 month') }} as usage_date
    from months
),

accepted as (
    select
        days.usage_date,
        losses.gateway,
        min(losses.line) as accepted_line
    from days
    inner join {{ source('landing', 'accepted_losses') }} as losses
        on losses."from" <= days.usage_date and days.usage_date < losses."to"
    group by days.usage_date, losses.gateway
),

final as (
    select
        gateways.gateway,
        days.usage_date,
        days.billing_month,
        coalesce(landed.records, 0) as records,
        spans.gateway is not null as has_records,
        spans.first_day < days.usage_date and days.usage_date < spans.last_day as is_between,
        {{ from_pico('coalesce(uncovered.pico, 0)') }} as uncovered_cost,
        accepted.accepted_line
    from gateways
    cross join days
    left join landed on gateways.gateway = landed.gateway and days.usage_date = landed.usage_date
    left join spans on gateways.gateway = spans.gateway
    left join uncovered
        on gateways.gateway = uncovered.gateway and days.usage_date = uncovered.usage_date
    left join accepted on gateways.gateway = accepted.gateway and days.usage_date = accepted.usage_date
)

select * from final
