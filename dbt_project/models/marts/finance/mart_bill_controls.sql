-- One row per bill x billing month x report x grouping x currency that only checks the bill: a legacy report
-- beside the one that took its place, or another grouping of the same pull. On the days that both cover,
-- control_cost is what it says and billed_cost what the bill says, in the bill's currency; neither is added
-- to the other. A control that was pulled before the bill is out of date and is left out.
with buckets as (
    select * from {{ ref('stg_landing__bill_buckets') }}
),

landed as (
    select * from {{ source('landing', 'charges') }}
),

bills as (
    select
        source,
        provider,
        billing_account,
        cast(bucket_start as date) as usage_date,
        max(pulled_at) as pulled_at
    from buckets
    where stands_as = 'bill' and report in ('costs', 'cost_report', 'analytics_cost')
    group by all
),

controls as (
    select distinct {{ all_but('row_count, stands_as', of='buckets') }}
    from buckets
    inner join bills
        on
            buckets.source = bills.source
            and buckets.provider = bills.provider
            and buckets.billing_account = bills.billing_account
            and cast(buckets.bucket_start as date) = bills.usage_date
            and (
                buckets.pulled_at is null or bills.pulled_at is null or buckets.pulled_at >= bills.pulled_at
            )
    where buckets.stands_as = 'control' and buckets.report in ('cost_report', 'analytics_cost')
),

control_costs as (
    select
        controls.source,
        controls.provider,
        controls.billing_account,
        controls.report,
        controls.grouping,
        cast(controls.bucket_start as date) as usage_date,
        landed.billing_currency,
        coalesce(sum(landed.billed_cost_in_billing_currency), 0) as control_cost
    from controls
    left join landed
        on
            controls.source = landed.source
            and controls.batch = landed.batch
            and controls.object_no = landed.object_no
            and controls.provider = landed.provider
            and controls.billing_account = landed.billing_account
            and controls.report = landed.report
            and controls.grouping = landed.grouping
            and controls.bucket_start = {{ utc('landed.bucket_start') }}
            and controls.bucket_end = {{ utc('landed.bucket_end') }}
    group by all
),

billed_costs as (
    select
        source,
        provider,
        billing_account,
        cast(bucket_start as date) as usage_date,
        billing_currency,
        sum(billed_cost_in_billing_currency) as billed_cost
    from {{ ref('stg_landing__charges') }}
    group by all
),

final as (
    select
        controls.source,
        controls.provider,
        controls.billing_account,
        {{ first_of_month('controls.usage_date') }} as billing_month,
        controls.report,
        controls.grouping,
        coalesce(controls.billing_currency, bills.billing_currency) as billing_currency,
        cast(count(distinct controls.usage_date) as bigint) as days,
        cast(sum(coalesce(bills.billed_cost, 0)) as decimal(38, 12)) as billed_cost,
        cast(sum(controls.control_cost) as decimal(38, 12)) as control_cost,
        cast(sum(controls.control_cost - coalesce(bills.billed_cost, 0)) as decimal(38, 12)) as difference
    from control_costs as controls
    left join billed_costs as bills
        on
            controls.source = bills.source
            and controls.provider = bills.provider
            and controls.billing_account = bills.billing_account
            and controls.usage_date = bills.usage_date
            and coalesce(controls.billing_currency, bills.billing_currency) = bills.billing_currency
    where coalesce(controls.billing_currency, bills.billing_currency) is not null
    group by
        controls.source, controls.provider, controls.billing_account,
        {{ first_of_month('controls.usage_date') }}, controls.report, controls.grouping,
        coalesce(controls.billing_currency, bills.billing_currency)
)

select * from final
