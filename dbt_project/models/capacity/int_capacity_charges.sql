-- One row per pool, owner and day: the day's cost as a charge of the account whose invoice has it, or of
-- provider `own` with the pool as account.
with hours as (
    select * from {{ ref('int_capacity_hours') }}
),

spellings as (
    select * from {{ ref('int_spellings') }}
    where dimension = 'team'
),

days as (
    select
        charge_id,
        pool,
        owner,
        billing_month,
        date_trunc('day', usage_hour) as charge_period_start,
        max(supply) as supply,
        max(provider) as provider,
        max(billing_account) as billing_account,
        sum(cost_pico) as billed_pico
    from hours
    group by charge_id, pool, owner, billing_month, date_trunc('day', usage_hour)
),

final as (
    select
        days.charge_id,
        'capacity.csv' as source,
        days.pool,
        days.provider,
        days.billing_account,
        cast(days.charge_period_start as timestamp) as charge_period_start,
        cast(days.charge_period_start + interval 1 day as timestamp) as charge_period_end,
        days.billing_month,
        days.supply || ' capacity' as charge_description,
        'Usage' as charge_category,
        'capacity' as charge_kind,
        cast(days.billed_pico as decimal(38, 0)) as billed_pico,
        '{{ var("currency") }}' as billing_currency,
        {{ folded('spellings', 'days.owner') }} as owner_team
    from days
    left join spellings
        on
            lower(days.owner) = spellings.spelling
            and spellings.valid_from <= days.charge_period_start
            and days.charge_period_start < spellings.valid_to
)

select * from final
