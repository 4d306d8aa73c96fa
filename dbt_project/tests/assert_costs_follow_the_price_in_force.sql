-- Fails if a priced meter does not cost its quantity times the unit price of its price row, or if
-- that price was not in force, or not of the request's model, tier and context.
with request_meters as (
    select request_meters.*, requests.started_at, requests.context_quantity, requests.provider,
        requests.model, requests.service_tier
    from {{ ref('int_request_meters') }} as request_meters
    inner join {{ ref('int_requests') }} as requests
        on request_meters.request_key = requests.request_key
),

prices as (
    select * from {{ ref('int_prices_dated') }}
)

select request_meters.request_key, request_meters.meter
from request_meters
left join prices on request_meters.price_id = prices.price_id
where
    request_meters.list_cost_pico
    is distinct from {{ cost_pico('request_meters.quantity', 'prices.list_pico_per_million') }}
    or request_meters.contracted_cost_pico
    is distinct from {{ cost_pico('request_meters.quantity', 'prices.contracted_pico_per_million') }}
    or request_meters.started_at < prices.valid_from
    or prices.valid_to <= request_meters.started_at
    or request_meters.provider <> prices.provider
    or request_meters.model <> prices.model
    or request_meters.meter <> prices.meter
    or request_meters.service_tier <> prices.service_tier
    or (prices.context_above > 0 and request_meters.context_quantity <= prices.context_above)
    or request_meters.context_quantity > prices.context_up_to
