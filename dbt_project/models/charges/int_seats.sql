-- One row per line of seats.csv and month: who holds the seats, and what they cost. They are due from the first
-- of a month, for the part of it that the line is valid, in all months that logs, bills or invoices speak of, from the
-- first attributed one on. A line without a person is idle. Where a bill charges for seats of the account and
-- month (`is_on_bill`), that is the money and this says whose it is; else each row is a charge of its own.
{%- set ms_of_month = milliseconds_between(
    'cast(held.billing_month as timestamp)', 'held.billing_month + interval 1 month'
) %}
with seats as (
    select * from {{ source('landing', 'seats') }}
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
            {{ first_of_month("timestamp '" ~ var('since') ~ "'" if var('since') else 'min(days.first_day)') }}
        ) as first_month,
        greatest(max(known.billing_month), {{ first_of_month('min(days.last_day)') }}) as last_month
    from days
    left join (
        select billing_month from bills
        union all
        select billing_month from {{ source('landing', 'invoices') }}
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

final as (
    select
        concat_ws(':', 'seats', held.provider, held.billing_account, held.billing_month, md5({{ key_of([
            'held.product', 'held.plan', 'held.person', 'held.owner', 'held.held_from',
        ]) }})) as charge_id,
        held.line,
        held.provider,
        held.billing_account,
        held.billing_month,
        held.product,
        held.plan as seat_plan,
        {{ folded('spellings', 'held.owner') }} as owner_team,
        held.person is null as is_idle,
        held.seats,
        -- two lines that follow each other in a month are a whole month's price
        {{ split_floor(to_pico('held.price') ~ ' * held.seats', milliseconds_between(
            'cast(held.billing_month as timestamp)', 'held.held_until'
        ), ms_of_month) }}
        - {{ split_floor(to_pico('held.price') ~ ' * held.seats', milliseconds_between(
            'cast(held.billing_month as timestamp)', 'held.held_from'
        ), ms_of_month) }} as seats_pico,
        coalesce(held.currency, '{{ var("currency") }}') as billing_currency,
        bills_of_seats.billing_month is not null as is_on_bill
    from held
    left join bills_of_seats
        on
            held.provider = bills_of_seats.provider
            and held.billing_account = bills_of_seats.billing_account
            and held.billing_month = bills_of_seats.billing_month
    left join spellings
        on
            lower(held.owner) = spellings.spelling
            and spellings.valid_from <= held.held_from
            and held.held_from < spellings.valid_to
)

select * from final
