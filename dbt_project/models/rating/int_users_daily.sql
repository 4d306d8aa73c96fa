{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x showback month x owner x user (the customer, else the user, that requests name) x the row of
-- customers.csv that stands for it: its requests, and their cost by contract, else by list, of those whose price is known.
with requests as (
    select * from {{ ref('int_requests') }}
    where customer_id is not null or user_id is not null
),

costs as (
    {{ request_costs() }}
),

final as (
    select
        requests.usage_date,
        requests.day_hash,
        {{ first_of_month('requests.showback_date') }} as showback_month,
        {{ owner_columns('requests') }},
        coalesce(requests.customer_id, requests.user_id) as used_by,
        requests.customer,
        count(*) filter (where requests.is_tool_call is not true) as requests,
        cast(coalesce(sum({{ known_cost('requests', 'costs') }}), 0) as decimal(38, 0)) as cost_pico,
        count(*) - count({{ known_cost('requests', 'costs') }}) as requests_unpriced
    from requests
    left join costs on requests.request_key = costs.request_key
    group by
        requests.usage_date,
        requests.day_hash,
        {{ first_of_month('requests.showback_date') }},
        {{ owner_columns('requests') }},
        coalesce(requests.customer_id, requests.user_id),
        requests.customer
)

select * from final
