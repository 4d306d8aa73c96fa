-- One row per request: the landed record of it that is kept, and how many records it has. Within one
-- sink of a source (its log objects, its table: readers rank them by evidence) records of equal ids and
-- start are one request; records of two sinks pair one to one. The choice depends on content alone, so
-- that order, replays and splits cannot change it.
with landed as (
    select
        record_key,
        source,
        batch,
        object_no,
        object,
        record_no,
        content_hash,
        evidence_rank,
        request_id,
        call_id,
        {{ has_made_id('requests') }} as has_made_id,
        gateway_key_id,
        status,
        started_at,
        ended_at,
        tokens_estimated,
        provider_total_tokens,
        gateway_cost,
        length(attributes) as attributes_length,
        {% for meter in var('meters') -%}
        {{ "+ " if not loop.first }}coalesce({{ meter }}_quantity, 0)
        {% endfor %} as quantity,
        cast(started_at as date) as started_on,
        cast(used_at as date) as usage_date
    from {{ ref('stg_landing__requests') }} as requests
),

repeated as (
    select
        record_key,
        count(*) as records
    from landed
    group by record_key
    having count(*) > 1
),

-- the record with more evidence first: a count that the provider made, more of it, what else it says
ranked as (
    select
        landed.*,
        repeated.records,
        repeated.records - count(*) over (partition by landed.record_key, landed.content_hash)
            as differing_records,
        row_number() over (
            partition by landed.record_key
            order by
                landed.evidence_rank desc nulls last,
                landed.tokens_estimated nulls last,
                case when landed.provider_total_tokens is null then 1 else 0 end nulls last,
                landed.quantity desc nulls last,
                landed.gateway_cost desc nulls last,
                landed.started_at nulls last,
                landed.ended_at desc nulls last,
                landed.attributes_length desc nulls last,
                landed.content_hash nulls last,
                landed.object nulls last,
                landed.record_no nulls last
        ) as evidence_place
    from landed
    inner join repeated on landed.record_key = repeated.record_key
),

records as (
    select
        landed.*,
        1 as records,
        0 as differing_records
    from landed
    left join repeated on landed.record_key = repeated.record_key
    where repeated.record_key is null
    union all
    select {{ all_but('evidence_place') }} from ranked
    where evidence_place = 1
),

sinks as (
    select
        source,
        max(evidence_rank) as upper_rank
    from records
    group by source
    having count(distinct evidence_rank) > 1
),

-- what sources with two sinks logged
uppers as (
    select
        records.*,
        {{ start_of('second', 'records.started_at') }} as near_second
    from records
    inner join sinks on records.source = sinks.source and records.evidence_rank = sinks.upper_rank
),

lowers as (
    {%- for seconds in [-1, 0, 1] %}
    select
        records.*,
        {{ start_of('second', 'records.started_at') }} + {{ seconds }} * interval 1 second as near_second
    from records
    inner join sinks on records.source = sinks.source and records.evidence_rank < sinks.upper_rank
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

alike as (
    {%- for same in [
        'uppers.call_id = lowers.call_id',
        'uppers.request_id = lowers.request_id',
        'uppers.has_made_id and lowers.has_made_id'
        ~ ' and coalesce(uppers.gateway_key_id = lowers.gateway_key_id, true)',
        'uppers.quantity = lowers.quantity and uppers.quantity > 0'
        ~ ' and uppers.gateway_key_id = lowers.gateway_key_id',
    ] %}
    select
        uppers.record_key as upper_key,
        lowers.record_key as lower_key,
        uppers.started_at as upper_started_at,
        lowers.started_at as lower_started_at,
        greatest(uppers.started_at, lowers.started_at) - least(uppers.started_at, lowers.started_at)
            as distance,
        case when uppers.call_id = lowers.call_id then 1 else 0 end
        + case when uppers.request_id = lowers.request_id then 1 else 0 end as equal_ids,
        abs(uppers.quantity - lowers.quantity) as quantity_apart,
        uppers.status = lowers.status or 'cancelled' in (uppers.status, lowers.status) as ended_alike
    from uppers
    inner join lowers
        on
            uppers.source = lowers.source
            and uppers.near_second = lowers.near_second
            and {{ same }}
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
),

-- a failed attempt and the success that followed are two, of which each sink may have one
candidates as (
    select
        upper_key,
        lower_key,
        row_number() over (
            order by
                equal_ids desc nulls last,
                distance nulls last,
                quantity_apart nulls last,
                upper_started_at nulls last,
                lower_started_at nulls last,
                upper_key nulls last,
                lower_key nulls last
        ) as pair_rank
    from alike
    where
        distance <= interval 1 second
        and (ended_alike or distance <= interval 10 millisecond)
),

pairs as (
    {{ best_pairs('candidates') }}
),

paired as (
    select
        pairs.upper_key,
        records.records,
        records.differing_records
    from pairs
    inner join records on pairs.lower_key = records.record_key
),

final as (
    select
        records.record_key as request_key,
        records.source,
        records.batch,
        records.object_no,
        records.record_no,
        records.request_id,
        records.content_hash,
        records.started_on,
        records.usage_date,
        records.records + coalesce(paired.records, 0) as records,
        records.differing_records + coalesce(paired.differing_records, 0) as differing_records
    from records
    left join paired on records.record_key = paired.upper_key
    where records.record_key not in (select lower_key from pairs)
)

select * from final
