{# Landed requests of current objects, times as plain UTC. usage_date is the UTC date of the start, of a
   batch request the date of its completion, when providers bill it. #}
{% macro landed_requests(landed) -%}
with landed as (
    select * from {{ landed }}
),

objects as (
    select source, batch, object_no, object, hash from {{ ref('stg_landing__objects') }}
),

final as (
    select
        {{ all_but('started_at, ended_at', of='landed') }},
        objects.object,
        objects.hash as object_hash,
        {{ record_key() }} as record_key,
        {{ utc('landed.started_at') }} as started_at,
        {{ utc('landed.ended_at') }} as ended_at,
        case
            when lower(landed.service_tier) = 'batch' and landed.ended_at is not null
                then {{ utc('landed.ended_at') }}
            else {{ utc('landed.started_at') }}
        end as used_at
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
)

select * from final
{%- endmacro %}
