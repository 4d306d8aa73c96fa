{{ config(
    database='stage',
    pre_hook={'sql': '{{ open_days_in_hand() }}', 'transaction': target.type != 'duckdb'},
) }}
-- depends_on: {{ ref('int_days_in_hand') }} {{ ref('int_prices_dated') }}
-- depends_on: {{ ref('stg_landing__requests_in_hand') }} {{ ref('int_record_exceptions') }} {{ ref('int_request_contexts') }}
-- One row per record of the files in hand whose call another source logged, too, and the record that stands for
-- it; standing_key is NULL where that is likely and cannot be known. Sources of which fewer know the caller's key give way
-- to those that do. Calls are known by the provider's id of the response, else the id of the call, else by
-- start, model and counts, one to one, nearest first; by content alone, day by day and around midnights.
-- Batches, which are dated when they end, are not looked at.
{%- if not may_be_told_twice() %}
select
    cast(null as string) as record_key,
    cast(null as string) as source,
    cast(null as date) as usage_date,
    cast(null as string) as standing_key,
    cast(null as string) as other_source,
    cast(null as string) as known_by
where false
{%- else %}
{#- EDGE of orchestration/warehouse/request_files.py #}
{%- set edge = 'interval 5 second' %}
{%- set hops = [var('request_sources') - 2, 1] | max %}
{%- set keys = [] %}
{%- for hop in range(hops, 0, -1) %}{% do keys.append('told_' ~ hop ~ '.other_key') %}{% endfor %}
{%- set outermost = 'coalesce(' ~ (keys + ['told.other_key']) | join(', ') ~ ')' %}
{%- set ways = ['provider_request_id', 'call_id', 'start, model and counts'] %}
with sources as (
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
        cast(requests.started_at as date) as start_day
    from {{ requests_with_contexts(ref('stg_landing__requests_in_hand'), ref('int_request_contexts')) }} as requests
    where
        {{ stands('requests', ref('int_record_exceptions')) }}
        and coalesce(lower(requests.service_tier), '') <> 'batch'
),

records as (
    select
        landed.record_key,
        landed.source,
        sources.place,
        sources.same_call_milliseconds,
        landed.started_at,
        landed.start_day,
        cast(landed.used_at as date) as usage_date,
        case
            when landed.started_at >= cast(landed.start_day as timestamp) + interval 1 day - {{ edge }}
                then cast(landed.start_day as timestamp) + interval 1 day
            when landed.started_at < cast(landed.start_day as timestamp) + {{ edge }}
                then cast(landed.start_day as timestamp)
        end as midnight,
        landed.status,
        landed.provider_request_id,
        case when not {{ has_made_id('landed') }} then landed.request_id end as request_id,
        landed.call_id,
        {{ spelled('landed.model_served') }} as model_served,
        {{ spelled('landed.model_routed') }} as model_routed,
        {{ spelled('landed.model_requested') }} as model_requested,
        {{ spelled('landed.model_mapped') }} as model_mapped,
        {% for meter in ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h'] -%}
        {{ "+ " if not loop.first }}coalesce(landed.{{ meter }}_quantity, 0)
        {% endfor %} as input_quantity,
        coalesce(landed.output_quantity, 0) as output_quantity,
        -- records of one source that say the same here have one owner
        {{ key_of([
            'landed.gateway_key_id', 'landed.gateway_key_alias', 'landed.gateway_team', 'landed.gateway_team_alias',
            'landed.credential_hint', 'landed.sub_account_hint', 'landed.customer_id',
            'landed.attributes' if rule_fields() else "cast(" ~ told_texts('landed.attributes') ~ " as string)",
        ] + (['landed.user_id', 'landed.session_id', 'landed.unnamed_attributes'] if rule_fields() else [])) }} as who
    from landed
    inner join sources on landed.source = sources.source
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
            and (uppers.start_day = lowers.start_day or uppers.midnight = lowers.midnight)
            and (
                (uppers.holders <= 20 and lowers.holders <= 20)
                or lowers.started_at between uppers.started_at - {{ edge }} and uppers.started_at + {{ edge }}
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
        uppers.who as upper_who,
        lowers.who as lower_who,
        uppers.started_at as upper_started_at,
        lowers.started_at as lower_started_at,
        greatest(uppers.started_at, lowers.started_at) - least(uppers.started_at, lowers.started_at) as distance,
        uppers.status = lowers.status or 'cancelled' in (uppers.status, lowers.status) as ended_alike,
        uppers.start_day = lowers.start_day as is_of_one_day,
        coalesce(uppers.midnight = lowers.midnight, false) as is_near_midnight
    from pairs_known
    inner join records as uppers on pairs_known.upper_key = uppers.record_key
    inner join records as lowers on pairs_known.lower_key = lowers.record_key
    where
        (uppers.start_day = lowers.start_day or coalesce(uppers.midnight = lowers.midnight, false))
        and (
            pairs_known.known_by = 1
            or not (
                {%- for upper in ['provider_request_id', 'request_id'] %}
                {%- for lower in ['provider_request_id', 'request_id'] %}
                {{ 'or ' if not (loop.first and upper == 'provider_request_id') }}coalesce(
                    uppers.{{ upper }} <> lowers.{{ lower }}
                    and {{ kind_of_response('uppers.' ~ upper) }} = {{ kind_of_response('lowers.' ~ lower) }},
                    false
                )
                {%- endfor %}
                {%- endfor %}
            )
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
        upper_who,
        lower_who,
        upper_started_at,
        lower_started_at,
        distance,
        ended_alike,
        is_of_one_day,
        is_near_midnight
    from compared
    where known_by < 3 or abs(milliseconds) <= reach
),

-- around each midnight first, where the pairs that cross it are decided and no other
candidates_near_midnight as (
    select * from candidates
    where is_near_midnight
),

sure_near_midnight as (
    {{ sure_pairs('candidates_near_midnight') }}
),

pairs_near_midnight as (
    {{ best_pairs('sure_near_midnight') }}
),

crossing as (
    select pairs.*
    from pairs_near_midnight as pairs
    inner join candidates
        on
            pairs.upper_key = concat(candidates.upper_key, '|', candidates.lower_source)
            and pairs.lower_key = concat(candidates.lower_key, '|', candidates.upper_source)
    where not candidates.is_of_one_day
),

-- then each day's own, without those
candidates_of_one_day as (
    select * from candidates
    where
        is_of_one_day
        and concat(upper_key, '|', lower_source) not in (select upper_key from crossing)
        and concat(lower_key, '|', upper_source) not in (select lower_key from crossing)
),

sure_of_one_day as (
    {{ sure_pairs('candidates_of_one_day') }}
),

pairs_of_one_day as (
    {{ best_pairs('sure_of_one_day') }}
),

pairs as (
    select * from crossing
    union all
    select * from pairs_of_one_day
),

-- of each record the first source that has its call
ranked as (
    select
        candidates.lower_key as record_key,
        candidates.lower_source as source,
        candidates.upper_key as other_key,
        candidates.upper_source as other_source,
        candidates.known_by,
        row_number() over (
            partition by candidates.lower_key order by candidates.upper_place nulls last
        ) as place
    from pairs
    inner join candidates
        on
            pairs.upper_key = concat(candidates.upper_key, '|', candidates.lower_source)
            and pairs.lower_key = concat(candidates.lower_key, '|', candidates.upper_source)
),

first_tellings as (
    select * from ranked
    where place = 1
),

-- which may itself be told by another one; of one source a call has one record
standing as (
    select
        told.record_key,
        told.source,
        told.other_source,
        told.known_by,
        {{ outermost }} as standing_key,
        row_number() over (
            partition by {{ outermost }}, told.source
            order by
                case when told_1.record_key is null then 0 else 1 end nulls last,
                told.known_by nulls last,
                told.record_key nulls last
        ) as place_in_source
    from first_tellings as told
    {%- for hop in range(1, hops + 1) %}
    left join first_tellings as told_{{ hop }}
        on told{{ '_' ~ (hop - 1) if hop > 1 }}.other_key = told_{{ hop }}.record_key
    {%- endfor %}
),

told_twice as (
    select * from standing
    where place_in_source = 1
),

-- a record that another source may have, and nobody can say which of them
likely as (
    select
        lower_key as record_key,
        min_by(upper_source, upper_place) as other_source,
        min(known_by) as known_by
    from candidates
    where lower_key not in (select record_key from told_twice)
    group by lower_key
),

final as (
    select
        records.record_key,
        records.source,
        records.usage_date,
        told_twice.standing_key,
        coalesce(told_twice.other_source, likely.other_source) as other_source,
        case greatest(coalesce(told_twice.known_by, likely.known_by), 1)
            {%- for way in ways %}
            when {{ loop.index }} then '{{ way }}'
            {%- endfor %}
        end as known_by
    from records
    left join told_twice on records.record_key = told_twice.record_key
    left join likely on records.record_key = likely.record_key
    where told_twice.record_key is not null or likely.record_key is not null
)

select * from final
{%- endif %}
