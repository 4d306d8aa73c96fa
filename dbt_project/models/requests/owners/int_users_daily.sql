{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x showback month x owner x user: the customer, else the user, that requests name.
with requests as (
    select * from {{ ref('int_requests') }}
),

final as (
    select distinct
        usage_date,
        day_hash,
        {{ first_of_month('showback_date') }} as showback_month,
        {{ owner_columns() }},
        coalesce(customer_id, user_id) as used_by
    from requests
    where customer_id is not null or user_id is not null
)

select * from final
