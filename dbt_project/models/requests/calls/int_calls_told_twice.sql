{{ config(
    database='stage',
    pre_hook={'sql': '{{ open_days_in_hand() }}', 'transaction': target.type != 'duckdb'},
) }}
-- depends_on: {{ ref('int_days_in_hand') }} {{ ref('int_prices_dated') }}
-- depends_on: {{ ref('stg_landing__requests_in_hand') }} {{ ref('int_record_exceptions') }} {{ ref('int_request_contexts') }}
-- One row per record of the days that are looked at whose call another source logged, too, and the record that stands
-- for it; standing_key is NULL where that is likely and cannot be known. Sources of which fewer know the caller's key
-- give way to those that do. Calls are known by the provider's id of the response, else the id of the call, else by
-- start, model and counts, one to one, nearest first. Around each midnight first: a call with records on both sides of
-- it is decided by those within seconds of it alone, which both days see. What else a day has is decided by the day, so
-- that no other day in hand makes it another. is_heard: what the record says the one that stands says, too; not what only
-- a day sees that the other is not of. Batches, which are dated when they end, are not looked at, nor the inner calls of
-- a record, whose call the record itself tells.
{%- if not may_be_told_twice() %}
select
    cast(null as string) as record_key,
    cast(null as string) as source,
    cast(null as date) as usage_date,
    cast(null as string) as standing_key,
    cast(null as boolean) as is_heard,
    cast(null as string) as other_source,
    cast(null as string) as known_by
where false
{%- else %}
{#- EDGE of orchestration/warehouse/request_files.py #}
{%- set edge = 'interval 5 second' %}
{%- set ways = ['provider_request_id', 'call_id', 'start, model and counts'] %}
with days as (
    {{ days_looked_at() }}
),

sources as (
    select
        source,
        same_call_milliseconds,
        row_number() over (order by seen_from nulls last, source nulls last) as place
    from {{ source('landing', 'sources') }}
    where kind = 'gateway'
),

landed as (
    select
        requests.*,
        cast(requests.started_at as date) as start_day,
        case
            when requests.started_at >= {{ start_of('day', 'requests.started_at') }} + interval 1 day - {{ edge }}
                then {{ start_of('day', 'requests.started_at') }} + interval 1 day
            when requests.started_at < {{ start_of('day', 'requests.started_at') }} + {{ edge }}
                then {{ start_of('day', 'requests.started_at') }}
        end as midnight
    from {{ requests_with_contexts(ref('stg_landing__requests_in_hand'), ref('int_request_contexts')) }} as requests
    where
        {{ stands('requests', ref('int_record_exceptions')) }}
        and coalesce(lower(requests.service_tier), '') <> 'batch'
),

-- what is beside the days no further than a midnight reaches
records_of_days as (
    select
        landed.record_key,
        landed.source,
        landed.batch,
        landed.object_no,
        landed.record_no,
        landed.request_id as own_id,
        sources.place,
        sources.same_call_milliseconds,
        landed.started_at,
        landed.start_day,
        cast(landed.used_at as date) as usage_date,
        landed.midnight,
        landed.status,
        landed.provider_request_id,
        case when not {{ has_made_id('landed') }} then landed.request_id end as request_id,
        landed.call_id,
        {{ spelled('landed.model_served') }} as model_served,
        {{ spelled('landed.model_routed') }} as model_routed,
        {{ spelled('landed.model_requested') }} as model_requested,
        {{ spelled('landed.model_mapped') }} as model_mapped,
        {%- for side, meters in sides_of_usage().items() %}
        {% for meter in meters -%}
        {{ "+ " if not loop.first }}coalesce(landed.{{ meter }}_quantity, 0)
        {% endfor %} as {{ side }}_quantity,
        {%- endfor %}
        -- records of one source that say the same here have one owner
        {{ key_of([
            'landed.gateway_key_id', 'landed.gateway_key_alias', 'landed.gateway_team', 'landed.gateway_team_alias',
            'landed.credential_hint', 'landed.sub_account_hint', 'landed.customer_id',
            'landed.attributes' if rule_fields() else "cast(" ~ told_texts('landed.attributes') ~ " as string)",
        ] + (['landed.user_id', 'landed.session_id', 'landed.unnamed_attributes'] if rule_fields() else [])) }} as who
    from landed
    inner join sources on landed.source = sources.source
    where
        landed.start_day in (select usage_date from days)
        or cast(landed.midnight as date) in (select usage_date from days)
        or cast(landed.midnight - interval 1 day as date) in (select usage_date from days)
),

inner_calls as (
    select parts.record_key
    from records_of_days as parts
    inner join {{ ref('stg_landing__requests_in_hand') }} as wholes
        on
            {{ is_inner_call('parts', 'wholes', part_id='own_id') }}
),

records as (
    select * from records_of_days
    where record_key not in (select record_key from inner_calls)
),

-- an id of a few letters says nothing
ids as (
    {%- for id, known_by in [('provider_request_id', 1), ('request_id', 1), ('call_id', 2)] %}
    select
        record_key,
        place,
        started_at,
        start_day,
        midnight,
        {{ id }} as id,
        {{ known_by }} as known_by,
        -- what a gateway answers from its cache has the id of the answer that it repeats
        count(*) over (partition by place, start_day, {{ id }}) as holders
    from records
    where length({{ id }}) >= 8
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

names as (
    {%- for name in ['served', 'routed', 'requested', 'mapped'] %}
    select record_key, place, started_at, input_quantity, output_quantity, model_{{ name }} as model
    from records
    where model_{{ name }} is not null and input_quantity + output_quantity > 0
    union
    -- a route has its provider, and a place of it, in front of the model
    select
        record_key,
        place,
        started_at,
        input_quantity,
        output_quantity,
        substr(model_{{ name }}, instr(model_{{ name }}, '/') + 1) as model
    from records
    where instr(model_{{ name }}, '/') > 0 and input_quantity + output_quantity > 0
    union
    select
        record_key,
        place,
        started_at,
        input_quantity,
        output_quantity,
        regexp_replace(model_{{ name }}, '^.*/', '') as model
    from records
    where instr(model_{{ name }}, '/') > 0 and input_quantity + output_quantity > 0
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
),

-- each within reach of the minute of what it may be
lower_names as (
    select *, {{ start_of('minute', 'started_at - ' ~ edge) }} as minute from names
    union
    select *, {{ start_of('minute', 'started_at + ' ~ edge) }} as minute from names
),

known as (
    select
        uppers.record_key as upper_key,
        lowers.record_key as lower_key,
        greatest(uppers.known_by, lowers.known_by) as known_by
    from ids as uppers
    inner join ids as lowers
        on
            uppers.id = lowers.id
            and uppers.place < lowers.place
            and (
                uppers.midnight = lowers.midnight
                or (
                    uppers.start_day = lowers.start_day
                    and (
                        (uppers.holders <= 20 and lowers.holders <= 20)
                        or lowers.started_at between uppers.started_at - {{ edge }} and uppers.started_at + {{ edge }}
                    )
                )
            )
    union all
    select
        uppers.record_key as upper_key,
        lowers.record_key as lower_key,
        3 as known_by
    from names as uppers
    inner join lower_names as lowers
        on
            uppers.model = lowers.model
            and uppers.input_quantity = lowers.input_quantity
            and uppers.output_quantity = lowers.output_quantity
            and {{ start_of('minute', 'uppers.started_at') }} = lowers.minute
            and lowers.started_at between uppers.started_at - {{ edge }} and uppers.started_at + {{ edge }}
            and uppers.place < lowers.place
),

pairs_known as (
    select
        upper_key,
        lower_key,
        min(known_by) as known_by
    from known
    group by upper_key, lower_key
),

-- two that name two responses are two; of several with one id the one that is near and ended alike is surer
compared as (
    select
        pairs_known.upper_key,
        pairs_known.lower_key,
        pairs_known.known_by,
        {{ milliseconds_between('uppers.started_at', 'lowers.started_at') }} as milliseconds,
        greatest(uppers.same_call_milliseconds, lowers.same_call_milliseconds) as reach,
        uppers.source as upper_source,
        lowers.source as lower_source,
        uppers.place as upper_place,
        lowers.place as lower_place,
        uppers.who as upper_who,
        lowers.who as lower_who,
        uppers.started_at as upper_started_at,
        lowers.started_at as lower_started_at,
        greatest(uppers.started_at, lowers.started_at) - least(uppers.started_at, lowers.started_at) as distance,
        uppers.status = lowers.status or 'cancelled' in (uppers.status, lowers.status) as ended_alike,
        uppers.start_day as upper_day,
        lowers.start_day as lower_day,
        coalesce(uppers.midnight = lowers.midnight, false) as is_near_midnight,
        {{ name_two_calls('uppers', 'lowers') }} as name_two_calls
    from pairs_known
    inner join records as uppers on pairs_known.upper_key = uppers.record_key
    inner join records as lowers on pairs_known.lower_key = lowers.record_key
    where
        (uppers.start_day = lowers.start_day or coalesce(uppers.midnight = lowers.midnight, false))
        and (
            pairs_known.known_by = 1
            or not {{ name_two_responses('uppers', 'lowers') }}
        )
),

candidates as (
    select
        upper_key,
        lower_key,
        case when known_by = 1 and ended_alike and abs(milliseconds) <= reach then 0 else known_by end as known_by,
        upper_source,
        lower_source,
        upper_place,
        lower_place,
        upper_day,
        lower_day,
        upper_who,
        lower_who,
        upper_started_at,
        lower_started_at,
        distance,
        ended_alike,
        is_near_midnight,
        name_two_calls
    from compared
    where known_by < 3 or abs(milliseconds) <= reach
),

-- around each midnight first
candidates_near_midnight as (
    select * from candidates
    where is_near_midnight and (known_by < 2 or not name_two_calls)
),

sure_near_midnight as (
    {{ sure_pairs('candidates_near_midnight') }}
),

best_near_midnight as (
    {{ best_pairs('sure_near_midnight') }}
),

pairs_near_midnight as (
    {{ taken_pairs('best_near_midnight', 'candidates_near_midnight') }}
),

tellings_near_midnight as (
    select
        lower_key as record_key,
        lower_source as source,
        lower_day as start_day,
        upper_key as other_key,
        upper_source as other_source,
        upper_place as other_place,
        known_by
    from pairs_near_midnight
),

standing_near_midnight as (
    {{ standing_of('tellings_near_midnight', within_days=false) }}
),

-- calls with records on both sides, whole; what else is near a midnight is of its own day
calls_near_midnight as (
    select record_key, standing_key from standing_near_midnight
    where place_in_source = 1
    union
    select standing_key as record_key, standing_key from standing_near_midnight
    where place_in_source = 1
),

crossing as (
    select * from (
        select
            calls.record_key,
            calls.standing_key,
            records.source,
            standing.start_day as standing_day,
            standing.source as standing_source,
            standing.place as standing_place,
            min(records.start_day) over (partition by calls.standing_key) as first_day,
            max(records.start_day) over (partition by calls.standing_key) as last_day
        from calls_near_midnight as calls
        inner join records on calls.record_key = records.record_key
        inner join records as standing on calls.standing_key = standing.record_key
    ) as of_days
    where first_day < last_day
),

-- then each day's own; of a call that crosses a midnight what sources say that have none of its records
candidates_of_days as (
    select
        candidates.*,
        upper_calls.standing_key as upper_call,
        upper_calls.standing_source as upper_call_source,
        upper_calls.standing_place as upper_call_place,
        lower_calls.standing_key as lower_call,
        lower_calls.standing_source as lower_call_source,
        lower_calls.standing_place as lower_call_place,
        lower_calls.standing_day as lower_call_day
    from candidates
    left join crossing as upper_calls on candidates.upper_key = upper_calls.record_key
    left join crossing as lower_calls on candidates.lower_key = lower_calls.record_key
    where
        candidates.upper_day = candidates.lower_day
        and candidates.upper_day in (select usage_date from days)
        and (upper_calls.record_key is null or lower_calls.record_key is null)
        and concat(coalesce(upper_calls.standing_key, ''), '|', candidates.lower_source) not in (
            select concat(standing_key, '|', source) from crossing
        )
        and concat(coalesce(lower_calls.standing_key, ''), '|', candidates.upper_source) not in (
            select concat(standing_key, '|', source) from crossing
        )
),

sure_of_days as (
    {{ sure_pairs('candidates_of_days') }}
),

best_of_days as (
    {{ best_pairs('sure_of_days') }}
),

pairs_of_days as (
    {{ taken_pairs('best_of_days', 'candidates_of_days') }}
),

-- what is of a call that crosses a midnight is told by what stands for it, which no other day gives up for a record
-- that it does not see
directed as (
    select
        *,
        lower_call is not null and (lower_call_day <> lower_day or lower_call_place < upper_place) as is_told_by_lower
    from pairs_of_days
),

tellings as (
    select
        case when is_told_by_lower then upper_key else coalesce(lower_call, lower_key) end as record_key,
        case when is_told_by_lower then upper_source else coalesce(lower_call_source, lower_source) end as source,
        lower_day as start_day,
        case when is_told_by_lower then lower_call else coalesce(upper_call, upper_key) end as other_key,
        case when is_told_by_lower then lower_call_source else coalesce(upper_call_source, upper_source) end
            as other_source,
        case when is_told_by_lower then lower_call_place else coalesce(upper_call_place, upper_place) end
            as other_place,
        known_by
    from directed
    union all
    select
        standing.record_key,
        standing.source,
        standing.start_day,
        crossing.standing_key as other_key,
        crossing.standing_source as other_source,
        crossing.standing_place as other_place,
        standing.known_by
    from crossing
    inner join standing_near_midnight as standing on crossing.record_key = standing.record_key
),

standing_of_days as (
    {{ standing_of('tellings', within_days=true) }}
),

told_twice as (
    select * from standing_of_days
    where place_in_source = 1
),

-- a record that another source may have, and nobody can say which of them
likely as (
    select
        lower_key as record_key,
        min_by(upper_source, upper_place) as other_source,
        min(known_by) as known_by
    from candidates
    where
        lower_key not in (select record_key from told_twice)
        and lower_day in (select usage_date from days)
        and (upper_day = lower_day or known_by < 2 or not name_two_calls)
    group by lower_key
),

final as (
    select
        records.record_key,
        records.source,
        records.usage_date,
        told_twice.standing_key,
        crossing.record_key is not null or standing.start_day = records.start_day as is_heard,
        coalesce(told_twice.other_source, likely.other_source) as other_source,
        case greatest(coalesce(told_twice.known_by, likely.known_by), 1)
            {%- for way in ways %}
            when {{ loop.index }} then '{{ way }}'
            {%- endfor %}
        end as known_by
    from records
    left join told_twice on records.record_key = told_twice.record_key
    left join records as standing on told_twice.standing_key = standing.record_key
    left join crossing on records.record_key = crossing.record_key
    left join likely on records.record_key = likely.record_key
    where told_twice.record_key is not null or likely.record_key is not null
)

select * from final
{%- endif %}
