{# One call that several sources log: docs/decisions.md, 91. #}

{# What a record says for every source that logged its call, where the one that stands does not: the first source
   that says it has it. What belongs to one source (its keys, its deployments, its cache) is not among them. #}
{% macro said_by_any_source() -%}
    {{ return([
        'call_id', 'trace_id', 'session_id', 'provider_request_id', 'user_id', 'customer_id', 'ended_at', 'latency_ms',
        'ttft_ms', 'provider', 'account_hint', 'sub_account_hint', 'credential_hint', 'region', 'route', 'operation',
        'model_requested', 'model_routed', 'model_served', 'service_tier', 'service_tier_asked', 'stream', 'http_status',
        'error_class', 'finish_reason', 'max_tokens', 'response_format', 'prompt_version', 'input_hash',
        'gateway_cost',
    ] + run_columns()) }}
{%- endmacro %}

{# Who knows a field first-hand, as it is seen from there: the application made its trace, its session and its run, of which a
   gateway may have made up others; the provider says what is on the bill. Every other field the record that stands
   says, then the order of sources. #}
{% macro seen_first_from(column) -%}
    {%- if column in ['trace_id', 'session_id'] + run_columns() -%}
        {{ return('application') }}
    {%- elif column in ['account_hint', 'sub_account_hint', 'credential_hint', 'service_tier'] -%}
        {{ return('provider') }}
    {%- endif -%}
{%- endmacro %}

{# What of it is the same of the inner calls of one record, beside their attributes. #}
{% macro said_of_caller() -%}
    {{ return(['trace_id', 'session_id', 'user_id', 'customer_id'] + run_columns()) }}
{%- endmacro %}

{# True where `part` is one of the calls inside the record whose own request `whole` is. #}
{% macro is_inner_call(part, whole, part_id='request_id') -%}
    {{ part }}.source = {{ whole }}.source
            and {{ part }}.batch = {{ whole }}.batch
            and {{ part }}.object_no = {{ whole }}.object_no
            and {{ part }}.record_no = {{ whole }}.record_no
            and instr({{ part }}.{{ part_id }}, '#') > 0
            and regexp_replace({{ part }}.{{ part_id }}, '#[0-9]+$', '') = {{ whole }}.request_id
            and {{ part }}.{{ part_id }} <> {{ whole }}.request_id
{%- endmacro %}

{# What is told of one usage and comes from one record: that which stands, unless it is a guess or tells none; then the
   provider's own before others. #}
{% macro said_of_usage() -%}
    {%- set columns = [] -%}
    {%- for meter in var('meters') %}{% do columns.append(meter ~ '_quantity') %}{% endfor -%}
    {{ return(columns + [
        'provider_total_tokens', 'reasoning_tokens', 'tokens_estimated', 'cache_ttl_assumed', 'raw_usage',
    ]) }}
{%- endmacro %}

{# Of `candidates` those that may be taken, as best_pairs takes them: the surest way in which a record is known in
   the other source, and only where it is one record there, or all that it may be have one owner. Of many that are alike
   in all of it the first of one source is the first of the other, so that they are taken together. #}
{% macro sure_pairs(candidates) -%}
    with surest as (
        select * from (
            select
                *,
                min(known_by) over (partition by upper_key, lower_source) as upper_known_by,
                min(known_by) over (partition by lower_key, upper_source) as lower_known_by
            from {{ candidates }}
        ) as ranked
        where known_by = upper_known_by and known_by = lower_known_by
    ),

    counted as (
        select
            *,
            min(lower_who) over (partition by upper_key, lower_source) as lowest_lower_who,
            max(lower_who) over (partition by upper_key, lower_source) as highest_lower_who,
            count(*) over (partition by upper_key, lower_source) as lowers,
            min(upper_who) over (partition by lower_key, upper_source) as lowest_upper_who,
            max(upper_who) over (partition by lower_key, upper_source) as highest_upper_who,
            count(*) over (partition by lower_key, upper_source) as uppers
        from surest
    ),

    sure as (
        select * from counted
        where
            (lowers = 1 or lowest_lower_who = highest_lower_who)
            and (uppers = 1 or lowest_upper_who = highest_upper_who)
    ),

    numbered as (
        select *, 0 as apart from sure
        where lowers = 1 or uppers = 1
        union all
        select
            *,
            abs(
                row_number() over (
                    partition by upper_key, lower_source, ended_alike, lower_started_at order by lower_key nulls last
                ) - row_number() over (
                    partition by lower_key, upper_source, ended_alike, upper_started_at order by upper_key nulls last
                )
            ) as apart
        from sure
        where lowers > 1 and uppers > 1
    )

    select
        concat(upper_key, '|', lower_source) as upper_key,
        concat(lower_key, '|', upper_source) as lower_key,
        row_number() over (
            order by
                known_by nulls last,
                case when ended_alike then 0 else 1 end nulls last,
                distance nulls last,
                case when lower_started_at < upper_started_at then 1 else 0 end nulls last,
                apart nulls last,
                upper_started_at nulls last,
                lower_started_at nulls last,
                numbered.upper_key nulls last,
                numbered.lower_key nulls last
        ) as pair_rank
    from numbered
{%- endmacro %}

{# The candidates that best_pairs took. #}
{% macro taken_pairs(pairs, candidates) -%}
    select candidates.*
    from {{ pairs }} as pairs
    inner join {{ candidates }} as candidates
        on
            pairs.upper_key = concat(candidates.upper_key, '|', candidates.lower_source)
            and pairs.lower_key = concat(candidates.lower_key, '|', candidates.upper_source)
{%- endmacro %}

{# Of `tellings` (record_key, source, start_day, other_key, other_source, other_place, known_by) each record's first, and the
   record that stands for it, as what tells it may itself be told by another one. `within_days`: what another day's
   record is told by is that day's. place_in_source: of one source a call has one record. #}
{% macro standing_of(tellings, within_days) -%}
    {%- set hops = [var('request_sources') - 2, 1] | max %}
    {%- set keys = [] %}
    {%- for hop in range(hops, 0, -1) %}{% do keys.append('told_' ~ hop ~ '.other_key') %}{% endfor %}
    {%- set outermost = 'coalesce(' ~ (keys + ['told.other_key']) | join(', ') ~ ')' %}
    with first_tellings as (
        select * from (
            select
                tellings.*,
                row_number() over (
                    partition by record_key
                    order by other_place nulls last, known_by nulls last, other_key nulls last
                ) as telling_no
            from {{ tellings }} as tellings
        ) as numbered
        where telling_no = 1
    )

    select
        told.record_key,
        told.source,
        told.start_day,
        told.other_source,
        told.known_by,
        {{ outermost }} as standing_key,
        row_number() over (
            partition by {{ outermost }}, told.source, told.start_day
            order by
                case when told_1.record_key is null then 0 else 1 end nulls last,
                told.known_by nulls last,
                told.record_key nulls last
        ) as place_in_source
    from first_tellings as told
    {%- for hop in range(1, hops + 1) %}
    left join first_tellings as told_{{ hop }}
        on
            told{{ '_' ~ (hop - 1) if hop > 1 }}.other_key = told_{{ hop }}.record_key
            {%- if within_days %}
            and told.start_day = told_{{ hop }}.start_day
            {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# True where both name a response, and another one, of one kind. #}
{% macro name_two_responses(one, other) -%}
    {%- set differences = [] %}
    {%- for first in ['provider_request_id', 'request_id'] %}
    {%- for second in ['provider_request_id', 'request_id'] %}
    {%- do differences.append(
        'coalesce(' ~ one ~ '.' ~ first ~ ' <> ' ~ other ~ '.' ~ second ~ ' and '
        ~ kind_of_response(one ~ '.' ~ first) ~ ' = ' ~ kind_of_response(other ~ '.' ~ second) ~ ', false)'
    ) %}
    {%- endfor %}
    {%- endfor %}
    ({{ differences | join('\n            or ') }})
{%- endmacro %}

{# True where both have another id of one form where one call would have one id. Around midnights it is asked, too: that
   one of the two is known by its id, far from midnight, only its own day sees. A span's place is its own alone. #}
{% macro name_two_calls(one, other) -%}
    {%- set differences = [] %}
    {%- for first, second in [
        ('provider_request_id', 'provider_request_id'), ('provider_request_id', 'request_id'),
        ('request_id', 'provider_request_id'), ('call_id', 'call_id'),
    ] %}
    {%- set first_id, second_id = one ~ '.' ~ first, other ~ '.' ~ second %}
    {%- do differences.append(
        'coalesce(' ~ first_id ~ ' <> ' ~ second_id ~ ' and length(' ~ first_id ~ ') >= 8'
        ~ ' and length(' ~ first_id ~ ') = length(' ~ second_id ~ ')'
        ~ ' and instr(' ~ first_id ~ ", '/') = 0 and instr(" ~ second_id ~ ", '/') = 0"
        ~ ' and coalesce(' ~ kind_of_response(first_id) ~ ", '') = coalesce(" ~ kind_of_response(second_id) ~ ", ''), false)"
    ) %}
    {%- endfor %}
    ({{ differences | join('\n            or ') }})
{%- endmacro %}

{# The attributes of records as those of one: what an earlier of the list says goes before. `flat`: objects of
   texts, as unnamed_attributes are. #}
{% macro merged_objects(texts, flat=false) -%}
    {{ adapter.dispatch('merged_objects')(texts, flat) }}
{%- endmacro %}

{# The requests of each day as it is to be built: records that stand, without those of calls that another source's
   record stands for. #}
{% macro requests_of_days() -%}
    {%- set calls = ref('int_calls_daily') -%}
    select
        day_inputs.usage_date,
        day_inputs.day_hash,
        day_inputs.requests {%- if may_be_told_twice() %} - coalesce(calls.records, 0){% endif %} as requests
    from {{ ref('int_day_inputs') }} as day_inputs
    {%- if may_be_told_twice() %}
    left join (
        select
            usage_date,
            sum(records_observed_elsewhere) as records
        from {{ calls }}
        group by usage_date
    ) as calls on day_inputs.usage_date = calls.usage_date
    where day_inputs.requests > coalesce(calls.records, 0)
    {%- endif %}
{%- endmacro %}

{# Which kind of an id it is, as its first word says (`chatcmpl-…`, `msg_…`, `req_…`): ids of one kind that differ
   are of two responses. NULL of one without such a word. #}
{% macro kind_of_response(id) -%}
    nullif(regexp_extract({{ id }}, '^([a-z]+)[-_]', 1), '')
{%- endmacro %}
