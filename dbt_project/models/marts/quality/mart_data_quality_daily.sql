-- One row per source x day: objects and records read, landed, quarantined by reason, duplicate, folded
-- though they differ, unpriced, estimated, and how many dollars have an owner. An object counts on the day of its
-- earliest row, else the date in its name, else the source's last day. read = landed + quarantined,
-- landed = kept + duplicate.
with objects as (
    select * from {{ ref('stg_landing__objects') }}
),

landed as (
    select
        source,
        batch,
        object_no,
        min(usage_date) as first_day
    from {{ source('landing', 'request_objects') }}
    group by source, batch, object_no
),

-- standing or history
bill_pages as (
    select
        source,
        batch,
        object_no,
        min(cast({{ utc('bucket_start') }} as date)) as first_day
    from {{ source('landing', 'bill_buckets') }}
    group by source, batch, object_no
),

duplicates as (
    select
        source,
        batch,
        object_no,
        -- a record of several inner calls is several requests
        count(*) as duplicate
    from {{ ref('int_record_exceptions') }}
    where is_whole_record
    group by source, batch, object_no
),

differing as (
    select
        source,
        standing_batch,
        standing_object_no,
        count(*) as differing
    from {{ ref('int_record_exceptions') }}
    where differs
    group by source, standing_batch, standing_object_no
),

quarantined as (
    select
        source,
        batch,
        object_no,
        reason,
        sum(records) as records
    from {{ ref('stg_landing__quarantine') }}
    group by source, batch, object_no, reason
),

object_days as (
    select
        objects.source,
        objects.kind,
        objects.batch,
        objects.object_no,
        objects.records,
        objects.landed,
        objects.quarantined,
        coalesce(
            landed.first_day,
            bill_pages.first_day,
            try_cast(nullif(regexp_extract(objects.object, '[0-9]{4}-[0-9]{2}-[0-9]{2}'), '') as date),
            max(coalesce(landed.first_day, bill_pages.first_day)) over (partition by objects.source),
            date '1970-01-01'
        ) as day,
        coalesce(duplicates.duplicate, 0) as duplicate,
        coalesce(differing.differing, 0) as differing
    from objects
    left join landed
        on
            objects.source = landed.source
            and objects.batch = landed.batch
            and objects.object_no = landed.object_no
    left join bill_pages
        on
            objects.source = bill_pages.source
            and objects.batch = bill_pages.batch
            and objects.object_no = bill_pages.object_no
    left join duplicates
        on
            objects.source = duplicates.source
            and objects.batch = duplicates.batch
            and objects.object_no = duplicates.object_no
    left join differing
        on
            objects.source = differing.source
            and objects.batch = differing.standing_batch
            and objects.object_no = differing.standing_object_no
),

reasons as (
    select
        object_days.source,
        object_days.day,
        -- without the numbers of the record
        split_part(quarantined.reason, ' (', 1) as reason,
        sum(quarantined.records) as records
    from quarantined
    inner join object_days
        on
            quarantined.source = object_days.source
            and quarantined.batch = object_days.batch
            and quarantined.object_no = object_days.object_no
    group by object_days.source, object_days.day, split_part(quarantined.reason, ' (', 1)
),

reason_lists as (
    select
        source,
        day,
        string_agg(
            reason || ': ' || cast(records as bigint), '; ' order by reason nulls last
        ) as quarantined_by_reason
    from reasons
    group by source, day
),

read as (
    select
        source,
        kind,
        day,
        count(*) as objects,
        cast(sum(records) as bigint) as records_read,
        cast(sum(landed) as bigint) as records_landed,
        cast(sum(quarantined) as bigint) as records_quarantined,
        cast(sum(duplicate) as bigint) as records_duplicate,
        cast(sum(differing) as bigint) as records_folded
    from object_days
    group by source, kind, day
),

costed as (
    select
        source,
        usage_date as day,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced,
        cast(sum(requests_tokens_estimated) as bigint) as requests_tokens_estimated,
        cast(sum(requests_cache_ttl_assumed) as bigint) as requests_cache_ttl_assumed,
        {{ from_pico('sum(contracted_cost_pico)') }} as contracted_cost,
        {%- for dimension in owner_dimensions() %}
        case
            when sum({{ dimension }}_owned_requests) = 0 then 0
            else {{ from_pico('sum(' ~ dimension ~ '_owned_pico)') }}
        end as {{ dimension }}_owned_cost{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('int_gateway_drift') }}
    group by source, usage_date
),

calls as (
    select
        source,
        usage_date as day,
        cast(sum(records_observed_elsewhere) as bigint) as records_observed_elsewhere,
        cast(sum(requests_likely_elsewhere) as bigint) as requests_likely_elsewhere,
        cast(sum(requests_likely_elsewhere_unpriced) as bigint) as requests_likely_elsewhere_unpriced,
        {{ from_pico('sum(likely_elsewhere_pico)') }} as likely_elsewhere_cost
    from {{ ref('int_calls_daily') }}
    group by source, usage_date
),

final as (
    select
        coalesce(read.source, costed.source, calls.source) as source,
        coalesce(read.kind, 'gateway') as kind,
        coalesce(read.day, costed.day, calls.day) as day,
        coalesce(read.objects, 0) as objects,
        coalesce(read.records_read, 0) as records_read,
        coalesce(read.records_landed, 0) as records_landed,
        coalesce(read.records_quarantined, 0) as records_quarantined,
        reason_lists.quarantined_by_reason,
        coalesce(read.records_duplicate, 0) as records_duplicate,
        coalesce(read.records_folded, 0) as records_folded,
        coalesce(calls.records_observed_elsewhere, 0) as records_observed_elsewhere,
        coalesce(calls.requests_likely_elsewhere, 0) as requests_likely_elsewhere,
        coalesce(calls.requests_likely_elsewhere_unpriced, 0) as requests_likely_elsewhere_unpriced,
        -- of such requests of which none has a price the cost is not known; without any it is none
        case
            when coalesce(calls.requests_likely_elsewhere, 0) = 0 then 0
            else calls.likely_elsewhere_cost
        end as likely_elsewhere_cost,
        coalesce(costed.requests_unpriced, 0) as requests_unpriced,
        coalesce(costed.requests_tokens_estimated, 0) as requests_tokens_estimated,
        coalesce(costed.requests_cache_ttl_assumed, 0) as requests_cache_ttl_assumed,
        costed.contracted_cost,
        {%- for dimension in owner_dimensions() %}
        costed.{{ dimension }}_owned_cost{{ "," if not loop.last }}
        {%- endfor %}
    from read
    full outer join costed on read.source = costed.source and read.day = costed.day
    full outer join calls
        on
            coalesce(read.source, costed.source) = calls.source
            and coalesce(read.day, costed.day) = calls.day
    left join reason_lists
        on
            coalesce(read.source, costed.source) = reason_lists.source
            and coalesce(read.day, costed.day) = reason_lists.day
)

select * from final
