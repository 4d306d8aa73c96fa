-- One row per month, provider, account, product and person of seat_usage.csv, and of a product's report where the CSV
-- does not say the person's month: the worth of what the person used of a seat, and what of it is billed beyond the
-- credits that came with seats (`overage_pico`), with team and plan of the person's last seat of the month. Where a
-- bill charges for overage of the account and month (`is_on_bill`), that is the money and this says whose it is;
-- else each row is a charge of its own.
with said as (
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

reports as (
    select
        provider,
        billing_account,
        billing_month,
        product,
        lower(person) as person,
        billing_currency,
        sum({{ to_pico('used') }}) as used_pico,
        sum({{ to_pico('overage') }}) as overage_pico
    from {{ ref('stg_landing__seat_reports') }}
    group by provider, billing_account, billing_month, product, lower(person), billing_currency
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

used as (
    select
        provider,
        billing_account,
        billing_month,
        product,
        person,
        billing_currency,
        used_pico,
        overage_pico
    from said
    union all
    select
        reports.provider,
        reports.billing_account,
        reports.billing_month,
        reports.product,
        reports.person,
        reports.billing_currency,
        cast(reports.used_pico as decimal(38, 0)) as used_pico,
        cast(reports.overage_pico as decimal(38, 0)) as overage_pico
    from reports
    left join said
        on
            reports.provider = said.provider
            and reports.billing_account = said.billing_account
            and reports.billing_month = said.billing_month
            and reports.product = said.product
            and reports.person = said.person
    where said.person is null
),

final as (
    select
        concat_ws(
            ':', 'overage', used.provider, used.billing_account, used.billing_month,
            {{ key_of(['used.product', 'used.person', 'used.billing_currency']) }}
        ) as charge_id,
        used.provider,
        used.billing_account,
        used.billing_month,
        used.product,
        used.person,
        used.billing_currency,
        used.used_pico,
        used.overage_pico,
        last_seats.seat_plan,
        last_seats.owner_team,
        bills_of_overage.billing_month is not null as is_on_bill
    from used
    cross join days
    left join last_seats
        on
            used.provider = last_seats.provider
            and used.billing_account = last_seats.billing_account
            and used.billing_month = last_seats.billing_month
            and used.product = last_seats.product
            and used.person = last_seats.person
            and last_seats.seat_of_month = 1
    left join bills_of_overage
        on
            used.provider = bills_of_overage.provider
            and used.billing_account = bills_of_overage.billing_account
            and used.billing_month = bills_of_overage.billing_month
    where used.billing_month >= coalesce({{ first_attributed_month('days.first_day') }}, used.billing_month)
)

select * from final
