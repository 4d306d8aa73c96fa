{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per day x provider x model x tier x region x price region x meter x what the book says there,
-- of use without a list price, x account and the name that decided the model. Meter `*`: nobody told what the
-- requests used. A request counts once, at the first of its token meters, in what ends with `_once`.
with unpriced_meters as (
    select * from {{ ref('int_request_meters') }}
    where list_cost_pico is null
),

requests as (
    select * from {{ ref('int_requests') }}
),

uses as (
    select
        requests.usage_date,
        requests.day_hash,
        requests.provider,
        requests.model,
        requests.service_tier,
        requests.region,
        requests.price_region,
        requests.billing_account,
        requests.raw_model,
        requests.model_source,
        requests.started_at,
        requests.gateway_cost,
        unpriced_meters.meter,
        unpriced_meters.quantity,
        unpriced_meters.price_id is not null as is_declared,
        unpriced_meters.contracted_cost_pico is not null as is_contracted,
        {{ is_token_meter('unpriced_meters.meter') }}
        and row_number() over (
            partition by unpriced_meters.request_key, {{ is_token_meter('unpriced_meters.meter') }}
            order by unpriced_meters.meter nulls last
        ) = 1 as is_once
    from unpriced_meters
    inner join requests
        on
            unpriced_meters.request_key = requests.request_key
            and unpriced_meters.usage_date = requests.usage_date
    union all
    select
        usage_date,
        day_hash,
        provider,
        model,
        service_tier,
        region,
        price_region,
        billing_account,
        raw_model,
        model_source,
        started_at,
        gateway_cost,
        '*' as meter,
        0 as quantity,
        false as is_declared,
        false as is_contracted,
        false as is_once
    from requests
    where is_untold
),

final as (
    select
        usage_date,
        day_hash,
        provider,
        model,
        service_tier,
        coalesce(lower(region), '*') as region,
        price_region,
        billing_account,
        raw_model,
        model_source,
        meter,
        is_declared,
        is_contracted,
        count(*) as requests,
        cast(sum(quantity) as bigint) as quantity,
        cast(coalesce(sum(case when {{ meter_unit('meter') }} = 'token' then quantity end), 0) as bigint) as tokens,
        sum(gateway_cost) as gateway_cost,
        count(*) filter (where is_once) as requests_once,
        sum(gateway_cost) filter (where is_once) as gateway_cost_once,
        -- whatever it was called: what the book says there is said of the model
        min(min(started_at)) over (
            partition by
                usage_date,
                provider,
                model,
                service_tier,
                coalesce(lower(region), '*'),
                price_region,
                meter,
                is_declared,
                is_contracted
        ) as first_at
    from uses
    group by
        usage_date,
        day_hash,
        provider,
        model,
        service_tier,
        coalesce(lower(region), '*'),
        price_region,
        billing_account,
        raw_model,
        model_source,
        meter,
        is_declared,
        is_contracted
)

select * from final
