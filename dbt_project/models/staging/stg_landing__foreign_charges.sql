-- One row per file of a standing export, billing month, service that is no AI, charge category and currency,
-- as a sum. An export stands or falls with all of its accounts, those without an AI row included.
with landed as (
    select * from {{ source('landing', 'foreign_charges') }}
),

buckets as (
    select distinct source, batch, object_no, bucket_start
    from {{ ref('stg_landing__bill_buckets') }}
    where stands_as = 'bill'
),

final as (
    select
        landed.source,
        landed.provider,
        landed.billing_account,
        {{ first_of_month(billed_date(utc('landed.bucket_start'), utc('landed.bucket_end'))) }} as billing_month,
        landed.service,
        landed.charge_category,
        landed.row_count,
        landed.billed_cost_in_billing_currency,
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
