-- Rows of reports of seats' use that stand: those of the standing export of their month.
with landed as (
    select * from {{ source('landing', 'seat_reports') }}
),

buckets as (
    select distinct source, batch, object_no, bucket_start
    from {{ ref('stg_landing__bill_buckets') }}
    where stands_as = 'bill'
),

final as (
    select
        landed.source,
        landed.batch,
        landed.object_no,
        landed.record_no,
        landed.provider,
        landed.billing_account,
        {{ first_of_month(utc('landed.bucket_start')) }} as billing_month,
        landed.product,
        landed.person,
        landed.used,
        landed.overage,
        landed.billing_currency
    from landed
    inner join buckets
        on
            landed.source = buckets.source
            and landed.batch = buckets.batch
            and landed.object_no = buckets.object_no
            and {{ utc('landed.bucket_start') }} = buckets.bucket_start
)

select * from final
