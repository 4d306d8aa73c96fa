-- Which landed record of every attempt is kept. The choice depends on content alone: the sink with
-- more evidence, then the content's hash, so that order, replays and splits cannot change it.
with landed as (
    select
        request_key,
        source,
        batch,
        object_no,
        object,
        record_no,
        content_hash,
        -- what rules find by hash is no content, and decides the day all the same
        md5(unnamed_attributes) as unnamed_hash,
        evidence_rank,
        cast(started_at as date) as started_on,
        cast(used_at as date) as usage_date
    from {{ ref('stg_landing__requests') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by request_key
            order by evidence_rank desc, content_hash, source, object, record_no
        ) as content_rank
    from landed
),

final as (
    select * exclude (object, evidence_rank, content_rank) from ranked
    where content_rank = 1
)

select * from final
