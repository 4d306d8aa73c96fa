-- Fails if a standing period of a bill has not all the rows that its page had: landed or quarantined.
with buckets as (
    select
        source,
        batch,
        object_no,
        sum(row_count) as expected
    from {{ ref('stg_landing__bill_buckets') }}
    where stands_as = 'bill'
    group by source, batch, object_no
),

landed as (
    select source, batch, object_no, record_no from {{ ref('stg_landing__charges') }}
    union
    select source, batch, object_no, record_no from {{ ref('stg_landing__provider_usage') }}
),

found as (
    select source, batch, object_no, count(*) as records
    from landed
    group by source, batch, object_no
),

quarantined as (
    select source, batch, object_no, count(*) as records
    from {{ ref('stg_landing__quarantine') }}
    group by source, batch, object_no
)

select buckets.*
from buckets
left join found
    on
        buckets.source = found.source
        and buckets.batch = found.batch
        and buckets.object_no = found.object_no
left join quarantined
    on
        buckets.source = quarantined.source
        and buckets.batch = quarantined.batch
        and buckets.object_no = quarantined.object_no
where
    buckets.expected < coalesce(found.records, 0)
    or buckets.expected > coalesce(found.records, 0) + coalesce(quarantined.records, 0)
