{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date, caller without a feature, session of it and values that could tell its workloads
-- apart.
with requests as (
    select * from {{ ref('int_requests') }}
    where feature = '__unallocated__' and session_id is not null
),

valued as (
    select
        usage_date,
        day_hash,
        session_id,
        {{ is_first_choice() }} as is_first_choice,
        {{ proposal_caller() }} as caller
        {%- for field in proposal_splits() %},
        {{ proposal_value(field) }} as split_{{ field }}
        {%- endfor %}
    from requests
),
{%- set splits = [] %}
{%- for field in proposal_splits() %}{% do splits.append('split_' ~ field) %}{% endfor %}

final as (
    select
        usage_date,
        day_hash,
        caller,
        session_id,
        {{ splits | join(', ') }},
        count(*) as requests
    from valued
    where is_first_choice and caller is not null
    group by usage_date, day_hash, caller, session_id, {{ splits | join(', ') }}
)

select * from final
