-- One row per showback month with money x tier: how its cost is spread over the customers, else users, that its requests
-- name, how many of these have converted by customers.csv as it is now, and what a conversion cost. Each has the part of the tier's
-- cost that it has of the negotiated cost of all of them. The dearest hundredth is at least one.
with margins as (
    select * from {{ ref('mart_tier_margin_monthly') }}
),

converted as (
    select
        customer_id as customer,
        count(*) filter (where converted) > 0 as has_converted
    from {{ source('landing', 'customers') }}
    group by customer_id
),

tiers as (
    select
        showback_month,
        tier,
        cast(sum(requests) as bigint) as requests,
        case when count(*) = count(total_cost) then sum(total_cost) end as total_cost,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
        sum(revenue) as revenue
    from margins
    group by showback_month, tier
),

used as (
    select
        daily.showback_month,
        daily.tier,
        daily.used_by,
        count(*) filter (where converted.has_converted) > 0 as has_converted,
        count(*) filter (where converted.has_converted is not null) > 0 as is_known,
        cast(sum(daily.requests) as bigint) as requests,
        cast(sum(daily.cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(daily.requests_unpriced) as bigint) as requests_unpriced
    from {{ ref('int_users_and_runs_daily') }} as daily
    left join converted on daily.customer = converted.customer
    where daily.used_by is not null
    group by daily.showback_month, daily.tier, daily.used_by
),

ranked as (
    select
        *,
        row_number() over (
            partition by showback_month, tier order by cost_pico desc nulls last, used_by nulls last
        ) as place,
        count(*) over (partition by showback_month, tier) as users
    from used
),

summed as (
    select
        showback_month,
        tier,
        count(*) as users,
        count(*) filter (where has_converted) as converted_users,
        count(*) filter (where not is_known) as unknown_users,
        count(*) filter (where (place - 1) * 100 < users) as top_users,
        count(*) filter (where (place - 1) * 100 < users and has_converted) as top_converted_users,
        cast(sum(cost_pico) as decimal(38, 0)) as all_pico,
        cast(coalesce(sum(cost_pico) filter (where (place - 1) * 100 < users), 0) as decimal(38, 0)) as top_pico,
        cast(coalesce(sum(cost_pico) filter (where not has_converted), 0) as decimal(38, 0)) as unconverted_pico,
        cast(sum(requests) as bigint) as requests_of_users,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced
    from ranked
    group by showback_month, tier
),

final as (
    select
        tiers.showback_month,
        tiers.tier,
        tiers.requests,
        coalesce(summed.requests_of_users, 0) as requests_of_users,
        coalesce(summed.users, 0) as users,
        coalesce(summed.converted_users, 0) as converted_users,
        coalesce(summed.unknown_users, 0) as unknown_users,
        tiers.total_cost,
        tiers.unpriced_quantity,
        tiers.revenue,
        coalesce(summed.top_users, 0) as top_users,
        coalesce(summed.top_converted_users, 0) as top_converted_users,
        cast({{ percent_of('summed.top_pico', 'summed.all_pico') }} as decimal(18, 2)) as top_share_percent,
        {%- for part in ['top', 'unconverted'] %}
        case
            when tiers.total_cost >= 0 and summed.all_pico > 0
                then {{ from_pico(split_floor(to_pico('tiers.total_cost'), 'summed.' ~ part ~ '_pico', 'summed.all_pico')) }}
        end as {{ part }}_cost,
        {%- endfor %}
        {{ unit_cost('tiers.total_cost', 'summed.users') }} as cost_per_user,
        {{ unit_cost('tiers.total_cost', 'summed.converted_users') }} as cost_per_conversion,
        coalesce(summed.requests_unpriced, 0) as requests_unpriced,
        '{{ var("currency") }}' as currency
    from tiers
    left join summed on tiers.showback_month = summed.showback_month and tiers.tier = summed.tier
)

select * from final
