-- Fails if an object's records are not landed + quarantined + of other services, if its rows are not there, or if a standing
-- period of a bill has not all the rows that its page had: landed or quarantined.
with objects as (
    select * from {{ ref('stg_landing__objects') }}
),

landed_by_object as (
    select source, batch, object_no, sum(records) as records
    from {{ source('landing', 'request_objects') }}
    group by source, batch, object_no
),

-- a record whose calls lie on both sides of a midnight is in two files
doubtful as (
    select objects.source, objects.batch, objects.object_no
    from objects
    left join landed_by_object
        on
            objects.source = landed_by_object.source
            and objects.batch = landed_by_object.batch
            and objects.object_no = landed_by_object.object_no
    where objects.kind = 'gateway' and objects.landed <> coalesce(landed_by_object.records, 0)
),

recounted as (
    select requests.source, requests.batch, requests.object_no, count(distinct requests.record_no) as records
    from {{ source('landing', 'requests') }} as requests
    inner join doubtful
        on
            requests.source = doubtful.source
            and requests.batch = doubtful.batch
            and requests.object_no = doubtful.object_no
    group by requests.source, requests.batch, requests.object_no
),

landed as (
    select
        by_object.source,
        by_object.batch,
        by_object.object_no,
        coalesce(recounted.records, by_object.records) as records
    from landed_by_object as by_object
    left join recounted
        on
            by_object.source = recounted.source
            and by_object.batch = recounted.batch
            and by_object.object_no = recounted.object_no
    union all
    select source, batch, object_no, count(distinct record_no) as records
    from {{ source('landing', 'counters') }}
    group by source, batch, object_no
),

quarantined as (
    select
        source,
        batch,
        object_no,
        cast(sum(coalesce(records, 1)) as bigint) as records
    from {{ source('landing', 'quarantine') }}
    group by source, batch, object_no
),

buckets as (
    select source, batch, object_no, sum(row_count) as expected
    from {{ ref('stg_landing__bill_buckets') }}
    where stands_as = 'bill'
    group by source, batch, object_no
),

bill_rows as (
    select source, batch, object_no, record_no from {{ ref('stg_landing__charges') }}
    union
    select source, batch, object_no, record_no from {{ ref('stg_landing__provider_usage') }}
    union
    select source, batch, object_no, record_no from {{ ref('stg_landing__seat_reports') }}
),

found as (
    select source, batch, object_no, count(*) as records
    from bill_rows
    group by source, batch, object_no
),

quarantined_rows as (
    select source, batch, object_no, count(*) as records
    from {{ ref('stg_landing__quarantine') }}
    group by source, batch, object_no
)

select 'records of an object' as problem, objects.source, objects.batch, objects.object_no
from objects
left join landed
    on
        objects.source = landed.source
        and objects.batch = landed.batch
        and objects.object_no = landed.object_no
left join quarantined
    on
        objects.source = quarantined.source
        and objects.batch = quarantined.batch
        and objects.object_no = quarantined.object_no
where
    objects.records <> objects.landed + objects.quarantined + objects.foreign_records
    or objects.quarantined <> coalesce(quarantined.records, 0)
    or (objects.kind in ('gateway', 'counters') and objects.landed <> coalesce(landed.records, 0))
union all
select 'rows of a standing period', buckets.source, buckets.batch, buckets.object_no
from buckets
left join found
    on
        buckets.source = found.source
        and buckets.batch = found.batch
        and buckets.object_no = found.object_no
left join quarantined_rows
    on
        buckets.source = quarantined_rows.source
        and buckets.batch = quarantined_rows.batch
        and buckets.object_no = quarantined_rows.object_no
where
    buckets.expected < coalesce(found.records, 0)
    or buckets.expected > coalesce(found.records, 0) + coalesce(quarantined_rows.records, 0)
