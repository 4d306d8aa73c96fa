-- One row per billing month of the last twelve x provider x model x meter x service tier x who sells that model: what was
-- used and paid, and what the same use costs at each seller's price of its days. The row of the provider itself is the
-- history: `is_own`.
with allocations as not materialized (
    select * from {{ ref('fct_cost_allocations') }}
    where model <> '__none__' and meter is not null
),

newest as (
    select max(billing_month) as newest_month from allocations
),

days as (
    select
        allocations.billing_month,
        allocations.usage_date,
        allocations.provider,
        allocations.model,
        allocations.meter,
        coalesce(allocations.service_tier, 'standard') as service_tier,
        coalesce(allocations.context_band = 'long', false) as is_long,
        cast(coalesce(sum(allocations.quantity), 0) as bigint) as quantity,
        {{ to_pico('sum(allocations.' ~ basis_cost() ~ ' + coalesce(allocations.estimated_cost, 0))') }} as cost_pico
    from allocations
    cross join newest
    where allocations.billing_month > newest.newest_month - interval 12 month
    group by
        allocations.billing_month, allocations.usage_date, allocations.provider, allocations.model, allocations.meter,
        coalesce(allocations.service_tier, 'standard'), coalesce(allocations.context_band = 'long', false)
),

used as (
    select distinct
        provider,
        model,
        {{ name_at_any_seller('model') }} as name
    from days
),

book as (
    select
        *,
        {{ name_at_any_seller('model') }} as name
    from {{ ref('int_prices_dated') }}
    where volume_above = 0 and contracted_pico_per_million > 0
),

sold as (
    select
        book.*,
        min(region) over (partition by provider, model) as first_region,
        max(context_above) over (partition by provider, model, meter, service_tier, region) as longest_above
    from book
    where name in (select name from used)
),

-- of a long context the price above it, where there is one
prices as (
    select
        sold.*,
        false as is_long
    from sold
    where region = first_region and context_above = 0
    union all
    select
        sold.*,
        true as is_long
    from sold
    where region = first_region and context_above = longest_above
),

sellers as (
    select
        used.provider,
        used.model,
        used.provider as offered_by,
        used.model as offered_model
    from used
    union
    select
        used.provider,
        used.model,
        sold.provider,
        sold.model
    from used
    inner join sold on used.name = sold.name
),

offered as (
    select
        days.billing_month,
        days.provider,
        days.model,
        days.meter,
        days.service_tier,
        sellers.offered_by,
        sellers.offered_model,
        days.provider = sellers.offered_by and days.model = sellers.offered_model as is_own,
        cast(sum(days.quantity) as bigint) as quantity,
        cast(sum(days.cost_pico) as decimal(38, 0)) as cost_pico,
        sum({{ cost_pico('days.quantity', 'prices.contracted_pico_per_million') }}) as repriced_pico,
        cast(coalesce(sum(days.quantity) filter (where prices.provider is null), 0) as bigint) as unpriced_quantity
    from days
    inner join sellers on days.provider = sellers.provider and days.model = sellers.model
    left join prices
        on
            sellers.offered_by = prices.provider
            and sellers.offered_model = prices.model
            and days.meter = prices.meter
            and days.service_tier = prices.service_tier
            and days.is_long = prices.is_long
            and days.usage_date >= prices.valid_from
            and days.usage_date < prices.valid_to
    group by
        days.billing_month, days.provider, days.model, days.meter, days.service_tier, sellers.offered_by,
        sellers.offered_model
),

-- who sells all of a model's use of a month, tier by tier
whole as (
    select
        *,
        max(unpriced_quantity) over (
            partition by billing_month, provider, model, service_tier, offered_by, offered_model
        ) = 0 as is_whole
    from offered
),

switchable as (
    select
        *,
        bool_or(is_whole and not is_own) over (partition by billing_month, provider, model, service_tier)
            as is_switchable
    from whole
),

summed as (
    select
        *,
        sum(case when is_own then cost_pico else 0 end) over (partition by billing_month) as month_pico,
        sum(case when is_own and is_switchable then cost_pico else 0 end) over (partition by billing_month)
            as switchable_pico
    from switchable
),

months as (
    select {{ each_month('first_month', 'newest_month') }} as billing_month
    from (
        select
            min(billing_month) as first_month,
            max(billing_month) as newest_month
        from days
    ) as span
),

-- months from the first with use of it on, those without among them; the newest is not over
volumes as (
    select
        firsts.provider,
        firsts.model,
        firsts.meter,
        firsts.service_tier,
        coalesce(offered.quantity, 0) as quantity
    from (
        select
            provider,
            model,
            meter,
            service_tier,
            min(billing_month) as first_month
        from offered
        group by provider, model, meter, service_tier
    ) as firsts
    inner join months on firsts.first_month <= months.billing_month
    left join offered
        on
            offered.is_own
            and firsts.provider = offered.provider
            and firsts.model = offered.model
            and firsts.meter = offered.meter
            and firsts.service_tier = offered.service_tier
            and months.billing_month = offered.billing_month
),

bands as (
    select
        provider,
        model,
        meter,
        service_tier,
        cast(count(*) as integer) as months
        {%- for percent in ['10', '50', '90'] %},
        cast(quantile_disc(quantity, 0.{{ percent }}) as bigint) as quantity_p{{ percent }}
        {%- endfor %}
    from volumes
    group by provider, model, meter, service_tier
),

final as (
    select
        summed.billing_month,
        summed.provider,
        summed.model,
        summed.meter,
        summed.service_tier,
        summed.offered_by,
        summed.offered_model,
        summed.is_own,
        summed.quantity,
        {{ from_pico('summed.cost_pico') }} as cost,
        case when summed.unpriced_quantity = 0 then {{ from_pico('summed.repriced_pico') }} end as repriced_cost,
        summed.unpriced_quantity,
        summed.is_switchable,
        cast({{ percent_of('summed.switchable_pico', 'summed.month_pico') }} as decimal(18, 2)) as switchable_percent,
        coalesce(bands.months, 0) as months,
        bands.quantity_p10,
        bands.quantity_p50,
        bands.quantity_p90
    from summed
    left join bands
        on
            summed.provider = bands.provider
            and summed.model = bands.model
            and summed.meter = bands.meter
            and summed.service_tier = bands.service_tier
)

select * from final
