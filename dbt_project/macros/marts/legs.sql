{# Requests as legs of calls: docs/decisions.md, 93. A call is what has one call id, else one request id, on a day; `leg`
   counts from the first, `legs_left` from the last. A call of a tool is none. #}
{% macro legs_of_calls() -%}
    select
        *,
        coalesce(call_id, request_id) as call_key,
        coalesce(attempt_role, 'primary') as role,
        row_number() over (
            partition by usage_date, source, coalesce(call_id, request_id)
            order by attempt_no nulls last, started_at nulls last, request_key nulls last
        ) as leg,
        row_number() over (
            partition by usage_date, source, coalesce(call_id, request_id)
            order by attempt_no desc nulls first, started_at desc nulls last, request_key desc nulls last
        ) as legs_left
    from {{ ref('fct_requests') }}
    where is_tool_call is not true
{%- endmacro %}
