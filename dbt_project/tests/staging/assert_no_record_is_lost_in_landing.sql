-- Fails if an object's records are not landed + quarantined, or if its rows are not there.
with objects as (
    select * from {{ ref('stg_landing__objects') }}
),

landed as (
    select
        source,
        batch,
        object_no,
        count(distinct record_no) as records
    from {{ source('landing', 'requests') }}
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
)

select objects.*
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
    objects.records <> objects.landed + objects.quarantined
    or objects.quarantined <> coalesce(quarantined.records, 0)
    or (objects.kind = 'gateway' and objects.landed <> coalesce(landed.records, 0))
