-- Rows of the provider's own usage report that stand: those of the standing pull of their bucket.
with landed as (
    select * from {{ source('landing', 'provider_usage') }}
),

buckets as (
    select * from {{ ref('stg_landing__bill_buckets') }}
    where stands_as = 'bill'
),

final as (
    select
        {{ all_but('bucket_start, bucket_end', of='landed') }},
        buckets.bucket_start,
        buckets.bucket_end,
        -- the date that the provider means by the period
        {{ billed_date('buckets.bucket_start', 'buckets.bucket_end') }} as billed_date
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
