{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=["{{ open_undecided_days() }}", "{{ forget_undecided_days() }}"],
) }}
-- One row per landed record that does not stand, and the one that stands for it; and one per record that stands with
-- its counts as another telling of it splits them (macros/requests/finer.sql). Within one sink of a source
-- (its log objects, its table: readers rank them by evidence) records of equal ids and start are one
-- request; records of two sinks pair one to one. Decided by day of start, with the seconds beside it and, of
-- LiteLLM's batches, all looks at one; by content alone, so that order, replays and splits cannot change it.
{#- EDGE of orchestration/warehouse/request_files.py #}
{%- set edge = 'interval 5 second' %}
{%- set standing_key, telling_order = 'landed.record_key', '0' %}
{%- if has_two_sinks() %}
    {%- set standing_key = 'coalesce(pairs.upper_key, landed.record_key)' %}
    {%- set telling_order = 'case when pairs.upper_key is null then 0 else 1 end' %}
{%- endif %}
with days as (
    {{ undecided_days() }}
),

{% if has_two_sinks() -%}
two_sinks as (
    select distinct source, upper_rank from days
    where upper_rank is not null
),

{% endif -%}
-- Keys are dear, and equal ones start at one instant, but those of a batch's looks: of most records nothing is asked.
-- Of two sinks every record is looked at.
asked as (
    select
        requests.source,
        requests.started_at
    from {{ ref('stg_landing__requests_to_decide') }} as requests
    {%- if has_two_sinks() %}
    left join two_sinks on requests.source = two_sinks.source
    {%- endif %}
    group by requests.source, requests.started_at
    having
        count(*) > 1
        {%- if has_two_sinks() %}
        or count(two_sinks.source) > 0
        {%- endif %}
        or count(case when requests.request_key like 'litellm:batch:%' then 1 end) > 0
),

landed as (
    select
        requests.record_key,
        requests.source,
        requests.batch,
        requests.object_no,
        requests.object,
        requests.record_no,
        requests.content_hash,
        requests.evidence_rank,
        requests.request_id,
        requests.call_id,
        {{ has_made_id('requests') }} as has_made_id,
        coalesce(requests.request_key like 'litellm:batch:%', false) as is_batch,
        requests.gateway_key_id,
        requests.status,
        requests.started_at,
        requests.ended_at,
        requests.tokens_estimated,
        requests.provider_total_tokens,
        requests.gateway_cost,
        length(requests.attributes) as attributes_length,
        {% for meter in var('meters') -%}
        {{ "+ " if not loop.first }}coalesce(requests.{{ meter }}_quantity, 0)
        {% endfor %} as quantity,
        cast(requests.started_at as date) as start_day
    from {{ ref('stg_landing__requests_to_decide') }} as requests
    inner join asked on requests.source = asked.source and requests.started_at = asked.started_at
),

repeated as (
    select record_key
    from landed
    group by record_key
    having count(*) > 1
),

-- the record with more evidence first: a count that the provider made, more of it, what else it says
ranked as (
    select
        landed.*,
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

firsts as (
    select * from ranked
    where evidence_place = 1
),

{% if has_two_sinks() -%}
-- of sources with two sinks, with the midnight that a record is near
records as (
    select
        landed.*,
        two_sinks.upper_rank,
        case
            when landed.is_batch then null
            when landed.started_at >= cast(landed.start_day as timestamp) + interval 1 day - {{ edge }}
                then cast(landed.start_day as timestamp) + interval 1 day
            when landed.started_at < cast(landed.start_day as timestamp) + {{ edge }}
                then cast(landed.start_day as timestamp)
        end as midnight
    from landed
    inner join two_sinks on landed.source = two_sinks.source
    left join ranked
        on
            landed.record_key = ranked.record_key
            and landed.batch = ranked.batch
            and landed.object_no = ranked.object_no
            and landed.record_no = ranked.record_no
            and landed.request_id is not distinct from ranked.request_id
    where coalesce(ranked.evidence_place, 1) = 1
),

-- what sources with two sinks logged
uppers as (
    select
        *,
        {{ start_of('second', 'started_at') }} as near_second
    from records
    where evidence_rank = upper_rank
),

lowers as (
    {%- for seconds in [-1, 0, 1] %}
    select
        *,
        {{ start_of('second', 'started_at') }} + {{ seconds }} * interval 1 second as near_second
    from records
    where evidence_rank < upper_rank
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
        uppers.start_day = lowers.start_day as is_of_one_day,
        coalesce(uppers.midnight = lowers.midnight, false) as is_near_midnight,
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
likely as (
    select * from alike
    where
        distance <= interval 1 second
        and (ended_alike or distance <= interval 10 millisecond)
),

-- of many that are alike in all of it the first of one sink is the first of the other, and so on: one round takes them
placed as (
    select
        upper_key,
        lower_key,
        row_number() over (
            partition by upper_key, equal_ids, quantity_apart, lower_started_at order by lower_key nulls last
        ) as lower_no,
        row_number() over (
            partition by lower_key, equal_ids, quantity_apart, upper_started_at order by upper_key nulls last
        ) as upper_no
    from likely
    where
        upper_key in (select upper_key from likely group by upper_key having count(*) > 1)
        and lower_key in (select lower_key from likely group by lower_key having count(*) > 1)
),

candidates as (
    select
        likely.upper_key,
        likely.lower_key,
        likely.is_of_one_day,
        likely.is_near_midnight,
        row_number() over (
            order by
                likely.equal_ids desc nulls last,
                likely.distance nulls last,
                likely.quantity_apart nulls last,
                case when likely.lower_started_at < likely.upper_started_at then 1 else 0 end nulls last,
                coalesce(abs(placed.upper_no - placed.lower_no), 0) nulls last,
                likely.upper_started_at nulls last,
                likely.lower_started_at nulls last,
                likely.upper_key nulls last,
                likely.lower_key nulls last
        ) as pair_rank
    from likely
    left join placed on likely.upper_key = placed.upper_key and likely.lower_key = placed.lower_key
),

-- around each midnight first, where the pairs that cross it are decided and no other
candidates_near_midnight as (
    select * from candidates
    where is_near_midnight
),

pairs_near_midnight as (
    {{ best_pairs('candidates_near_midnight') }}
),

crossing as (
    select pairs.*
    from pairs_near_midnight as pairs
    inner join candidates_near_midnight as candidates
        on pairs.upper_key = candidates.upper_key and pairs.lower_key = candidates.lower_key
    where not candidates.is_of_one_day
),

-- then each day's own, without those
candidates_of_one_day as (
    select * from candidates
    where
        is_of_one_day
        and upper_key not in (select upper_key from crossing)
        and lower_key not in (select lower_key from crossing)
),

pairs_of_one_day as (
    {{ best_pairs('candidates_of_one_day') }}
),

pairs as (
    select upper_key, lower_key from crossing
    union all
    select upper_key, lower_key from pairs_of_one_day
),

{% endif -%}
-- what another record of its own sink stands for, or one of the other sink, or both
replaced as (
    select
        ranked.source,
        ranked.batch,
        ranked.object_no,
        ranked.record_no,
        ranked.request_id,
        ranked.start_day,
        ranked.record_key,
        ranked.content_hash <> firsts.content_hash as differs,
        firsts.batch as first_batch,
        firsts.object_no as first_object_no
    from ranked
    inner join firsts on ranked.record_key = firsts.record_key
    where ranked.evidence_place > 1
    {%- if has_two_sinks() %}
    union all
    select
        records.source,
        records.batch,
        records.object_no,
        records.record_no,
        records.request_id,
        records.start_day,
        records.record_key,
        false as differs,
        records.batch as first_batch,
        records.object_no as first_object_no
    from records
    inner join pairs on records.record_key = pairs.lower_key
    {%- endif %}
),

-- records of which another one tells the same usage, that which stands first
told_again as (
    select
        landed.source,
        landed.batch,
        landed.object_no,
        landed.record_no,
        landed.request_id,
        landed.start_day,
        {{ standing_key }} as standing_key,
        row_number() over (
            partition by {{ standing_key }}
            order by
                {{ telling_order }} nulls last,
                coalesce(ranked.evidence_place, 1) nulls last,
                landed.content_hash nulls last,
                landed.object nulls last,
                landed.record_no nulls last
        ) as place_of_usage
    from landed
    {%- if has_two_sinks() %}
    left join pairs on landed.record_key = pairs.lower_key
    {%- endif %}
    left join ranked
        on
            landed.record_key = ranked.record_key
            and landed.batch = ranked.batch
            and landed.object_no = ranked.object_no
            and landed.record_no = ranked.record_no
            and landed.request_id is not distinct from ranked.request_id
    where
        landed.record_key in (select record_key from repeated)
        {%- if has_two_sinks() %}
        or landed.record_key in (select upper_key from pairs)
        or landed.record_key in (select lower_key from pairs)
        {%- endif %}
),

tellings as (
    select
        told_again.standing_key,
        told_again.place_of_usage
        {%- for column in said_of_splits() %},
        requests.{{ column }}
        {%- endfor %}
    from told_again
    inner join {{ ref('stg_landing__requests_to_decide') }} as requests
        on
            told_again.source = requests.source
            and told_again.batch = requests.batch
            and told_again.object_no = requests.object_no
            and told_again.record_no = requests.record_no
            and told_again.request_id is not distinct from requests.request_id
    where told_again.place_of_usage = 1 or requests.tokens_estimated is not true
),

-- most say the same
told_apart as (
    select * from tellings
    where
        standing_key in (
            select standing_key from tellings
            group by standing_key
            having
                {%- for column in said_of_splits() %}
                {{ "or " if not loop.first }}min({{ column }}) <> max({{ column }})
                {%- endfor %}
        )
),

finer as (
    {{ finer_counts('told_apart') }}
),

{% if has_two_sinks() -%}
standing as (
    select
        pairs.lower_key,
        records.batch,
        records.object_no
    from pairs
    inner join records on pairs.upper_key = records.record_key
),

{% endif -%}
decided as (
    select
        replaced.*,
        days.start_hash,
        {%- if has_two_sinks() %}
        coalesce(standing.batch, replaced.first_batch) as standing_batch,
        coalesce(standing.object_no, replaced.first_object_no) as standing_object_no
        {%- else %}
        replaced.first_batch as standing_batch,
        replaced.first_object_no as standing_object_no
        {%- endif %}
    from replaced
    inner join days on replaced.source = days.source and replaced.start_day = days.start_day
    {%- if has_two_sinks() %}
    left join standing on replaced.record_key = standing.lower_key
    {%- endif %}
),

-- a record of several inner calls is lost where none of them stands
rows_of_records as (
    select
        requests.source,
        requests.batch,
        requests.object_no,
        requests.record_no,
        count(*) as rows
    from {{ ref('stg_landing__requests_to_decide') }} as requests
    where
        exists (
            select 1
            from decided
            where
                requests.source = decided.source
                and requests.batch = decided.batch
                and requests.object_no = decided.object_no
                and requests.record_no = decided.record_no
        )
    group by requests.source, requests.batch, requests.object_no, requests.record_no
),

numbered as (
    select
        *,
        count(*) over (partition by source, batch, object_no, record_no) as rows,
        row_number() over (
            partition by source, batch, object_no, record_no order by request_id nulls last
        ) as row_no
    from decided
),

final as (
    select
        numbered.source,
        numbered.start_day,
        numbered.start_hash,
        numbered.batch,
        numbered.object_no,
        numbered.record_no,
        numbered.request_id,
        numbered.differs,
        numbered.standing_batch,
        numbered.standing_object_no,
        numbered.row_no = 1 and numbered.rows = rows_of_records.rows as is_whole_record,
        false as stands
        {%- for column in said_of_splits() %},
        cast(null as {{ 'boolean' if column == 'cache_ttl_assumed' else 'bigint' }}) as {{ column }}
        {%- endfor %}
    from numbered
    inner join rows_of_records
        on
            numbered.source = rows_of_records.source
            and numbered.batch = rows_of_records.batch
            and numbered.object_no = rows_of_records.object_no
            and numbered.record_no = rows_of_records.record_no
    union all
    select
        told_again.source,
        told_again.start_day,
        days.start_hash,
        told_again.batch,
        told_again.object_no,
        told_again.record_no,
        told_again.request_id,
        false as differs,
        told_again.batch as standing_batch,
        told_again.object_no as standing_object_no,
        false as is_whole_record,
        true as stands
        {%- for column in said_of_splits() %},
        finer.{{ column }}
        {%- endfor %}
    from finer
    inner join told_again on finer.standing_key = told_again.standing_key
    inner join days on told_again.source = days.source and told_again.start_day = days.start_day
    where told_again.place_of_usage = 1
)

select * from final
