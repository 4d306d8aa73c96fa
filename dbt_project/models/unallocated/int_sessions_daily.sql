{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_days() }}",
) }}
-- One row per usage date, caller without a feature, session of it and values that could tell its workloads
-- apart.
with days as (
    {{ changed_days() }}
),

requests as (
    select requests.*
    from {{ ref('int_requests') }} as requests
    inner join days on requests.usage_date = days.usage_date
    where requests.feature = '__unallocated__' and requests.session_id is not null
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
