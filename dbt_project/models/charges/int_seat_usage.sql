-- One row per month, provider, account, product and person of seat_usage.csv: the worth of what the person used
-- of a seat, and what of it is billed beyond the credits that came with seats (`overage_pico`), with team and plan
-- of the person's last seat of the month. Where a bill charges for overage of the account and month
-- (`is_on_bill`), that is the money and this says whose it is; else each row is a charge of its own.
with reports as (
    select
        provider,
        billing_account,
        billing_month,
        product,
        lower(person) as person,
        {{ to_pico('used') }} as used_pico,
        {{ to_pico('coalesce(overage, 0)') }} as overage_pico,
        coalesce(currency, '{{ var("currency") }}') as billing_currency
    from {{ source('landing', 'seat_usage') }}
),

days as (
    select min(usage_date) as first_day
    from {{ source('seen', 'request_days') }}
),

last_seats as (
    select
        *,
        row_number() over (
            partition by provider, billing_account, billing_month, product, person
            order by held_from desc nulls last, line desc nulls last
        ) as seat_of_month
    from {{ ref('int_seats') }}
    where person is not null
),

bills_of_overage as (
    select distinct
        provider,
        billing_account,
        {{ first_of_month(billed_date('bucket_start', 'bucket_end')) }} as billing_month
    from {{ ref('stg_landing__charges') }}
    where charge_kind = 'overage'
),

summed as (
    select
        provider,
        billing_account,
        billing_month,
        product,
        person,
        billing_currency,
        cast(sum(used_pico) as decimal(38, 0)) as used_pico,
        cast(sum(overage_pico) as decimal(38, 0)) as overage_pico
    from reports
    group by provider, billing_account, billing_month, product, person, billing_currency
),

final as (
    select
        concat_ws(
            ':', 'overage', summed.provider, summed.billing_account, summed.billing_month,
            md5({{ key_of(['summed.product', 'summed.person', 'summed.billing_currency']) }})
        ) as charge_id,
        summed.provider,
        summed.billing_account,
        summed.billing_month,
        summed.product,
        summed.person,
        summed.billing_currency,
        summed.used_pico,
        summed.overage_pico,
        last_seats.seat_plan,
        last_seats.owner_team,
        bills_of_overage.billing_month is not null as is_on_bill
    from summed
    cross join days
    left join last_seats
        on
            summed.provider = last_seats.provider
            and summed.billing_account = last_seats.billing_account
            and summed.billing_month = last_seats.billing_month
            and summed.product = last_seats.product
            and summed.person = last_seats.person
            and last_seats.seat_of_month = 1
    left join bills_of_overage
        on
            summed.provider = bills_of_overage.provider
            and summed.billing_account = bills_of_overage.billing_account
            and summed.billing_month = bills_of_overage.billing_month
    where summed.billing_month >= coalesce({{ first_attributed_month('days.first_day') }}, summed.billing_month)
)

select * from final
