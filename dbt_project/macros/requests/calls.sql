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
   the other source, and only where it is one record there, or all that it may be have one owner. #}
{% macro sure_pairs(candidates) -%}
    select
        concat(upper_key, '|', lower_source) as upper_key,
        concat(lower_key, '|', upper_source) as lower_key,
        row_number() over (
            order by
                known_by nulls last,
                case when ended_alike then 0 else 1 end nulls last,
                distance nulls last,
                upper_started_at nulls last,
                lower_started_at nulls last,
                upper_key nulls last,
                lower_key nulls last
        ) as pair_rank
    from (
        select
            surest.*,
            min(lower_who) over (partition by upper_key, lower_source) as lowest_lower_who,
            max(lower_who) over (partition by upper_key, lower_source) as highest_lower_who,
            count(*) over (partition by upper_key, lower_source) as lowers,
            min(upper_who) over (partition by lower_key, upper_source) as lowest_upper_who,
            max(upper_who) over (partition by lower_key, upper_source) as highest_upper_who,
            count(*) over (partition by lower_key, upper_source) as uppers
        from (
            select * from (
                select
                    *,
                    min(known_by) over (partition by upper_key, lower_source) as upper_known_by,
                    min(known_by) over (partition by lower_key, upper_source) as lower_known_by
                from {{ candidates }}
            ) as ranked
            where known_by = upper_known_by and known_by = lower_known_by
        ) as surest
    ) as counted
    where
        (lowers = 1 or lowest_lower_who = highest_lower_who)
        and (uppers = 1 or lowest_upper_who = highest_upper_who)
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
