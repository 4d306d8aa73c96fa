-- Fails if the uses of a month under volume bands do not follow each other unit by unit, or if a cost
-- is outside of what its units cost in the cheapest and in the dearest band.
with uses as (
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
    inner join {{ ref('int_prices_dated') }} as prices
        on
            {{ price_of_use('prices', 'uses') }}
    group by uses.request_key, uses.meter
)

select request_key, meter from counted
where next_used_before < used_before + quantity
union all
select uses.request_key, uses.meter
from uses
inner join bands on uses.request_key = bands.request_key and uses.meter = bands.meter
where
    uses.list_cost_pico * 1000000 > uses.quantity * bands.dearest + 1000000
    or uses.list_cost_pico * 1000000 < uses.quantity * bands.cheapest - 1000000
