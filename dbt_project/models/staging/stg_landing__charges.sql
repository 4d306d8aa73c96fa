-- Bill rows that stand: those of the standing pull of their bucket.
with landed as (
    select * from {{ source('landing', 'charges') }}
),

buckets as (
    select * from {{ ref('stg_landing__bill_buckets') }}
    where stands_as = 'bill'
),

final as (
    select
        {{ all_but('bucket_start, bucket_end, charge_period_start, charge_period_end', of='landed') }},
        buckets.bucket_start,
        buckets.bucket_end,
        -- a bill of rows has the month as its bucket, and charges of an hour or a day
        coalesce({{ utc('landed.charge_period_start') }}, buckets.bucket_start) as charge_period_start,
        coalesce({{ utc('landed.charge_period_end') }}, buckets.bucket_end) as charge_period_end,
        -- the date that the provider means by the period
        {{ billed_date(
            'coalesce(' ~ utc('landed.charge_period_start') ~ ', buckets.bucket_start)',
            'coalesce(' ~ utc('landed.charge_period_end') ~ ', buckets.bucket_end)'
        ) }} as billed_date
    from landed
    inner join buckets
        on
            landed.source = buckets.source
            and landed.batch = buckets.batch
            and landed.object_no = buckets.object_no
            and landed.provider = buckets.provider
            and landed.billing_account = buckets.billing_account
            and landed.report = buckets.report
            and landed.grouping = buckets.grouping
            and {{ utc('landed.bucket_start') }} = buckets.bucket_start
            and {{ utc('landed.bucket_end') }} = buckets.bucket_end
)

select * from final
