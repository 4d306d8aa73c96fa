-- One row per provider x model x tier x region x meter x reason of use without a list price, most tokens
-- first: the queue of what to look up next.
with unpriced as (
    select * from {{ ref('int_unpriced_daily') }}
),

prices as (
    select * from {{ ref('int_prices_dated') }}
    where list_pico_per_million is not null
),

models as (
    select distinct provider, model from prices
),

regions as (
    select distinct provider, model, region from prices
),

tiers as (
    select distinct provider, model, region, service_tier from prices
),

spans as (
    select
        provider,
        model,
        region,
        service_tier,
        meter,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from prices
    group by provider, model, region, service_tier, meter
),

-- the widest thing that the book does not know
explained as (
    select
        unpriced.*,
        case
            when unpriced.meter = '*' then 'tokens_unknown'
            when unpriced.is_contracted then 'contract_only'
            when unpriced.is_declared then 'not_sold'
            when models.model is null then 'unknown_model'
            when regions.model is null then 'unknown_region'
            when tiers.model is null then 'unknown_tier'
            when spans.model is null then 'unknown_meter'
            when unpriced.first_at < spans.valid_from then 'before_first_price'
            when spans.valid_to <= unpriced.first_at then 'after_last_price'
            else 'gap'
        end as reason
    from unpriced
    left join models on unpriced.provider = models.provider and unpriced.model = models.model
    left join regions
        on
            unpriced.provider = regions.provider
            and unpriced.model = regions.model
            and unpriced.price_region = regions.region
    left join tiers
        on
            unpriced.provider = tiers.provider
            and unpriced.model = tiers.model
            and unpriced.price_region = tiers.region
            and unpriced.service_tier = tiers.service_tier
    left join spans
        on
            unpriced.provider = spans.provider
            and unpriced.model = spans.model
            and unpriced.price_region = spans.region
            and unpriced.service_tier = spans.service_tier
            and unpriced.meter = spans.meter
),

summed as (
    select
        provider,
        model,
        service_tier,
        region,
        meter,
        reason,
        cast(sum(requests) as bigint) as requests,
        cast(sum(quantity) as bigint) as quantity,
        cast(sum(tokens) as bigint) as tokens,
        cast(sum(gateway_cost) as decimal(38, 12)) as gateway_cost,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from explained
    group by provider, model, service_tier, region, meter, reason
),

final as (
    select
        row_number() over (
            order by
                tokens desc nulls last, quantity desc nulls last, requests desc nulls last,
                provider nulls last, model nulls last, service_tier nulls last, region nulls last,
                meter nulls last, reason nulls last
        ) as queue_rank,
        *
    from summed
)

select * from final
order by queue_rank nulls last
