-- One row per line of seats.csv and month: who holds the seats, and what they cost. They are due from the first
-- of a month, for the part of it that the line is valid, in all months that logs, bills or invoices speak of, from the
-- first attributed one on; of a yearly price each month of the calendar owes its twelfth. A seat is idle
-- without a person, or where seat_usage.csv says that its person used nothing of it. Where a bill charges for seats of the account and
-- month (`is_on_bill`), that is the money and this says whose it is; else each row is a charge of its own.
{%- set month_of_year = 'cast(extract(month from billing_month) as integer)' %}
{%- set ms_of_month = milliseconds_between(
    'cast(priced.billing_month as timestamp)', 'priced.billing_month + interval 1 month'
) %}
with seats as (
    select * from {{ source('landing', 'seats') }}
),

seat_usage as (
    select * from {{ source('landing', 'seat_usage') }}
),

spellings as (
    select * from {{ ref('int_spellings') }}
    where dimension = 'team'
),

bills as (
    select
        *,
        {{ first_of_month(billed_date('bucket_start', 'bucket_end')) }} as billing_month
    from {{ ref('stg_landing__charges') }}
),

bills_of_seats as (
    select distinct provider, billing_account, billing_month
    from bills
    where charge_kind = 'seats'
),

days as (
    select min(usage_date) as first_day, max(usage_date) as last_day
    from {{ source('seen', 'request_days') }}
),

known_months as (
    select
        greatest(
            min(known.billing_month),
            {{ first_attributed_month('min(days.first_day)') }}
        ) as first_month,
        greatest(max(known.billing_month), {{ first_of_month('min(days.last_day)') }}) as last_month
    from days
    left join (
        select billing_month from bills
        union all
        select billing_month from {{ source('landing', 'invoices') }}
        union all
        select billing_month from seat_usage
        union all
        select billing_month from {{ ref('stg_landing__seat_reports') }}
        union all
        select {{ first_of_month('first_day') }} from days
    ) as known on true
),

spans as (
    select
        seats.*,
        greatest(seats.valid_from, cast(known_months.first_month as timestamp)) as held_from,
        least(seats.valid_to, cast(known_months.last_month + interval 1 month as timestamp)) as held_until
    from seats
    cross join known_months
    where known_months.first_month is not null
),

months as (
    select
        *,
        {{ each_month(
            "date_trunc('month', held_from)",
            "date_trunc('month', held_until - interval 1 microsecond) + interval 1 month"
        ) }} as billing_month
    from spans
    where held_from < held_until
),

held as (
    select
        {{ all_but('held_from, held_until', of='months') }},
        greatest(held_from, cast(billing_month as timestamp)) as held_from,
        least(held_until, cast(billing_month + interval 1 month as timestamp)) as held_until
    from months
),

priced as (
    select
        *,
        {{ to_pico('coalesce(included, 0)') }} * seats as month_included_pico,
        case
            when period = 'year'
                then {{ split_floor(to_pico('price') ~ ' * seats', month_of_year, '12') }}
                - {{ split_floor(to_pico('price') ~ ' * seats', '(' ~ month_of_year ~ ' - 1)', '12') }}
            else {{ to_pico('price') }} * seats
        end as month_price_pico
    from held
),

final as (
    select
        concat_ws(':', 'seats', priced.provider, priced.billing_account, priced.billing_month, md5({{ key_of([
            'priced.product', 'priced.plan', 'priced.person', 'priced.owner', 'priced.held_from',
        ]) }})) as charge_id,
        priced.line,
        priced.provider,
        priced.billing_account,
        priced.billing_month,
        priced.product,
        priced.plan as seat_plan,
        lower(priced.person) as person,
        priced.held_from,
        {{ folded('spellings', 'priced.owner') }} as owner_team,
        priced.person is null or seat_usage.person is not null as is_idle,
        priced.seats,
        {%- for amount, name in [('month_price_pico', 'seats_pico'), ('month_included_pico', 'included_pico')] %}
        -- two lines that follow each other in a month are a whole month's
        {{ split_floor('priced.' ~ amount, milliseconds_between(
            'cast(priced.billing_month as timestamp)', 'priced.held_until'
        ), ms_of_month) }}
        - {{ split_floor('priced.' ~ amount, milliseconds_between(
            'cast(priced.billing_month as timestamp)', 'priced.held_from'
        ), ms_of_month) }} as {{ name }},
        {%- endfor %}
        coalesce(priced.currency, '{{ var("currency") }}') as billing_currency,
        bills_of_seats.billing_month is not null as is_on_bill
    from priced
    left join bills_of_seats
        on
            priced.provider = bills_of_seats.provider
            and priced.billing_account = bills_of_seats.billing_account
            and priced.billing_month = bills_of_seats.billing_month
    left join seat_usage
        on
            priced.provider = seat_usage.provider
            and priced.billing_account = seat_usage.billing_account
            and priced.product = seat_usage.product
            and priced.billing_month = seat_usage.billing_month
            and lower(priced.person) = lower(seat_usage.person)
            and seat_usage.used = 0
    left join spellings
        on
            lower(priced.owner) = spellings.spelling
            and spellings.valid_from <= priced.held_from
            and priced.held_from < spellings.valid_to
)

select * from final
