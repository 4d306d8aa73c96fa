{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x feature: requests, whom they served, how fast and how large they were, and which of them were
-- paid for nothing (docs/decisions.md, 128), with their cost by contract, else by list. Sessions, users and runs of a day
-- are distinct and do not add up over days. Calls of tools are none.
with costs as (
    select * from {{ ref('int_request_costs') }}
),

calls as (
    select
        request_key,
        usage_date,
        source,
        coalesce(call_id, request_id) as call_id,
        attempt_no,
        started_at,
        coalesce(attempt_role, 'primary') as attempt_role
    from {{ ref('int_requests') }}
    where is_tool_call is not true
),

-- most calls have one
attempted_again as (
    select usage_date, source, call_id
    from calls
    group by usage_date, source, call_id
    having count(*) > 1
),

attempts as (
    select
        calls.request_key,
        lead(calls.attempt_role) over (
            partition by calls.usage_date, calls.source, calls.call_id
            order by calls.attempt_no nulls last, calls.started_at nulls last, calls.request_key nulls last
        ) as next_role
    from calls
    inner join attempted_again
        on
            calls.usage_date = attempted_again.usage_date
            and calls.source = attempted_again.source
            and calls.call_id = attempted_again.call_id
),

requests as (
    select
        requests.usage_date,
        requests.day_hash,
        requests.feature,
        requests.request_key,
        requests.model,
        requests.started_at,
        requests.status,
        requests.finish_reason,
        requests.input_hash,
        requests.session_id,
        requests.run_id,
        coalesce(requests.customer_id, requests.user_id) as used_by,
        {{ answered_by_gateway('requests.cache_layer') }} as is_hit,
        requests.status = 'success'
        and not {{ answered_by_gateway('requests.cache_layer') }}
        and not requests.is_untold as is_measured,
        -- nobody waits for a batch
        case
            when requests.status = 'success' and coalesce(requests.service_tier, 'standard') <> 'batch'
                then cast(floor(requests.latency_ms) as bigint)
        end as answered_ms,
        requests.context_quantity as input_tokens,
        coalesce(requests.output_quantity, 0) as output_tokens,
        {{ known_cost('requests', 'costs') }} as cost_pico,
        costs.input_cost_pico,
        attempts.next_role
    from {{ ref('int_requests') }} as requests
    left join costs on requests.request_key = costs.request_key
    left join attempts on requests.request_key = attempts.request_key
    where requests.is_tool_call is not true
),

-- an escalation is what a cascade is for
unanswered as (
    select
        *,
        case
            when is_hit then 'hit'
            when status = 'cancelled' then 'abandoned'
            when lower(finish_reason) in ('abort', 'aborted', 'cancelled', 'canceled') then 'abandoned'
            when status <> 'success' then 'failed'
            when next_role <> 'escalation' then 'retried'
        end as told_kind
    from requests
),

ranked as (
    select
        *,
        case
            when
                told_kind is null
                and input_hash is not null
                and row_number() over (
                    partition by usage_date, feature, model, input_hash, told_kind
                    order by started_at nulls last, request_key nulls last
                ) > 1
                then 'duplicated'
            else told_kind
        end as kind
    from unanswered
),

final as (
    select
        usage_date,
        max(day_hash) as day_hash,
        feature,
        count(*) as requests,
        count(*) filter (where status = 'success') as responses,
        count(*) filter (where status <> 'success') as failed_requests,
        count(distinct session_id) as sessions,
        count(session_id) as requests_of_sessions,
        count(distinct used_by) as users,
        count(used_by) as requests_of_users,
        count(distinct run_id) as runs,
        count(run_id) as requests_of_runs,
        {{ value_at('0.5', 'answered_ms') }} as latency_p50_ms,
        {{ value_at('0.95', 'answered_ms') }} as latency_p95_ms,
        count(*) filter (where is_measured) as measured_requests,
        cast(coalesce(sum(input_tokens) filter (where is_measured), 0) as bigint) as input_tokens,
        cast(coalesce(sum(output_tokens) filter (where is_measured), 0) as bigint) as output_tokens,
        {{ value_at('0.5', 'case when is_measured then input_tokens end') }} as input_tokens_p50,
        {{ value_at('0.95', 'case when is_measured then input_tokens end') }} as input_tokens_p95,
        max(case when is_measured then input_tokens end) as input_tokens_max,
        count(*) filter (where is_measured and input_tokens >= 100000) as long_requests,
        cast(coalesce(sum(cost_pico), 0) as decimal(38, 0)) as cost_pico,
        cast(coalesce(sum(input_cost_pico) filter (where is_measured), 0) as decimal(38, 0)) as input_cost_pico,
        count(*) - count(cost_pico) as requests_unpriced,
        count(input_hash) as hashed_requests
        {%- for kind in waste_kinds() %},
        count(*) filter (where kind = '{{ kind }}') as requests_{{ kind }},
        cast(coalesce(sum(cost_pico) filter (where kind = '{{ kind }}'), 0) as decimal(38, 0)) as pico_{{ kind }},
        count(*) filter (where kind = '{{ kind }}' and cost_pico is null) as unpriced_{{ kind }}
        {%- endfor %}
    from ranked
    group by usage_date, feature
)

select * from final
