-- Fails if a priced meter does not cost its quantity times the unit price of its price row, or if
-- that price was not in force, or not of the request's model, tier, region and
-- context. int_volume_uses splits over volume bands; a test of its own follows it.
with request_meters as (
    select request_meters.*, requests.started_at, requests.context_quantity, requests.provider,
        requests.model, requests.service_tier, requests.price_region,
        volume_uses.meter is not null as is_split_by_volume
    from {{ ref('int_request_meters') }} as request_meters
    inner join {{ ref('int_requests') }} as requests
        on request_meters.request_key = requests.request_key
    left join {{ ref('int_volume_uses') }} as volume_uses
        on
            request_meters.request_key = volume_uses.request_key
            and request_meters.meter = volume_uses.meter
),

prices as (
    select * from {{ ref('int_prices_dated') }}
)

select request_meters.request_key, request_meters.meter
from request_meters
left join prices on request_meters.price_id = prices.price_id
where
    (
        not request_meters.is_split_by_volume
        and (
            request_meters.list_cost_pico
            is distinct from {{ cost_pico('request_meters.quantity', 'prices.list_pico_per_million') }}
            or request_meters.contracted_cost_pico
            is distinct from {{ cost_pico('request_meters.quantity', 'prices.contracted_pico_per_million') }}
            or prices.volume_above > 0
        )
    )
    or request_meters.started_at < prices.valid_from
    or prices.valid_to <= request_meters.started_at
    or request_meters.provider <> prices.provider
    or request_meters.model <> prices.model
    or request_meters.meter <> prices.meter
    or request_meters.service_tier <> prices.service_tier
    or request_meters.price_region <> prices.region
    or (prices.context_above > 0 and request_meters.context_quantity <= prices.context_above)
    or request_meters.context_quantity > prices.context_up_to
