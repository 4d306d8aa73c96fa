{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per request that a rule matches, with the values that it was matched by.
with requests as (
    select * from {{ ref('int_requests') }}
    where rule_key in (select rule_key from {{ ref('int_rules_matched') }})
),

final as (
    select
        usage_date,
        day_hash,
        request_key,
        rule_key
    from requests
)

select * from final
