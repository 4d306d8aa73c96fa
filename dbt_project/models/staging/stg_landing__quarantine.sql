-- Quarantined records of current objects.
with landed as (
    select * from {{ source('landing', 'quarantine') }}
),

objects as (
    select source, batch, object_no from {{ ref('stg_landing__objects') }}
),

final as (
    select landed.*
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
)

select * from final
