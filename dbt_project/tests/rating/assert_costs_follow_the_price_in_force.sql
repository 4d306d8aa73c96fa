-- Fails if a priced meter does not cost its quantity times the unit price of its price row, or if
-- that price was not in force, or not of the request's model, tier, region and context. Under volume bands
-- it fails if the uses of a month do not follow each other unit by unit, or if a cost is outside of what its
-- units cost in the cheapest and in the dearest band.
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
),

uses as (
    select
        volume_uses.*,
        requests.started_at,
        requests.context_quantity,
        requests.provider,
        requests.billing_account,
        requests.model,
        requests.service_tier,
        requests.price_region
    from {{ ref('int_volume_uses') }} as volume_uses
    inner join {{ ref('int_requests') }} as requests
        on
            volume_uses.request_key = requests.request_key
            and volume_uses.usage_date = requests.usage_date
),

counted as (
    select
        *,
        lead(used_before) over (
            partition by
                provider, billing_account, model, meter, service_tier,
                date_trunc('month', started_at)
            order by started_at nulls last, request_key nulls last
        ) as next_used_before
    from uses
),

bands as (
    select
        uses.request_key,
        uses.meter,
        min(prices.list_pico_per_million) as cheapest,
        max(prices.list_pico_per_million) as dearest
    from uses
    inner join prices
        on
            {{ price_of_use('prices', 'uses') }}
    group by uses.request_key, uses.meter
)

select 'is not what its price says' as problem, request_meters.request_key, request_meters.meter
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
union all
select 'a hole in the month', request_key, meter from counted
where next_used_before < used_before + quantity
union all
select 'is no cost of any band', uses.request_key, uses.meter
from uses
inner join bands on uses.request_key = bands.request_key and uses.meter = bands.meter
where
    uses.list_cost_pico * 1000000 > uses.quantity * bands.dearest + 1000000
    or uses.list_cost_pico * 1000000 < uses.quantity * bands.cheapest - 1000000
