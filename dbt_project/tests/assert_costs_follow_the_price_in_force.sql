-- Fails if a priced meter does not cost its quantity times the unit price of its price row.
with request_meters as (
    select * from {{ ref('int_request_meters') }}
),

prices as (
    select
        price_id,
        list_pico_per_million,
        contracted_pico_per_million
    from {{ ref('int_prices_dated') }}
)

select request_meters.*
from request_meters
left join prices on request_meters.price_id = prices.price_id
where
    request_meters.list_cost_pico
    is distinct from {{ cost_pico('request_meters.quantity', 'prices.list_pico_per_million') }}
    or request_meters.contracted_cost_pico
    is distinct from {{ cost_pico('request_meters.quantity', 'prices.contracted_pico_per_million') }}
