{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per UTC hour x source x account x sub-account x gateway's key (else the provider's) x owner x provider x model
-- x user, of requests that used something: what they used, what of it has no list price, and how alike in size they
-- are. `user_id` is NULL where the user's hour is too small to be looked at by itself.
with meters as (
    select * from {{ ref('int_request_costs') }}
),

uses as (
    select
        requests.usage_date,
        requests.day_hash,
        requests.usage_hour,
        requests.source,
        requests.billing_account,
        requests.sub_account,
        coalesce(requests.gateway_key_alias, requests.gateway_key_id, requests.credential_id, '__unknown__') as key_name,
        {{ owner_columns('requests') }},
        requests.provider,
        requests.model,
        requests.user_id,
        requests.used_at,
        coalesce(meters.list_cost_pico, 0) as list_cost_pico,
        coalesce(meters.unpriced_quantity, 0) as unpriced_quantity,
        case when requests.is_untold or meters.unpriced_quantity > 0 then 1 else 0 end as is_unpriced,
        cast(coalesce(meters.tokens, 0) as bigint) as tokens
    from {{ ref('int_requests') }} as requests
    left join meters on requests.request_key = meters.request_key
    where meters.request_key is not null or requests.is_untold
),

-- users are many, and most use little
users as (
    select
        usage_hour,
        user_id
    from uses
    where user_id is not null
    group by usage_hour, user_id
    having
        sum(list_cost_pico) >= {{ user_watched_from_pico() }}
        or sum(unpriced_quantity) >= {{ watched_units() }}
        or sum(is_unpriced) >= {{ watched_requests() }}
),

final as (
    select
        uses.usage_date,
        uses.day_hash,
        uses.usage_hour,
        uses.source,
        uses.billing_account,
        uses.sub_account,
        uses.key_name,
        {{ owner_columns('uses') }},
        uses.provider,
        uses.model,
        users.user_id,
        count(*) as requests,
        cast(sum(uses.is_unpriced) as bigint) as unpriced_requests,
        cast(sum(uses.unpriced_quantity) as bigint) as unpriced_quantity,
        cast(sum(uses.list_cost_pico) as decimal(38, 0)) as list_cost_pico,
        cast(sum(uses.tokens) as bigint) as tokens,
        -- n * squares - tokens * tokens is how far they are from all being one size
        cast(sum(cast(uses.tokens * uses.tokens as decimal(38, 0))) as decimal(38, 0)) as squares_of_tokens,
        min(uses.used_at) as first_at,
        max(uses.used_at) as last_at
    from uses
    left join users on uses.usage_hour = users.usage_hour and uses.user_id = users.user_id
    group by
        uses.usage_date,
        uses.day_hash,
        uses.usage_hour,
        uses.source,
        uses.billing_account,
        uses.sub_account,
        uses.key_name,
        {{ owner_columns('uses') }},
        uses.provider,
        uses.model,
        users.user_id
)

select * from final
