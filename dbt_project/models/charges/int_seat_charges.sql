{{ config(materialized='view') }}
-- One row per line of seats.csv or seat_usage.csv and month that is money: who pays for it, how much by the CSV, and
-- whether a bill charges for it (`is_on_bill`), whose money it then is.
with seats as (
    select * from {{ ref('int_seats') }}
),

seat_usage as (
    select * from {{ ref('int_seat_usage') }}
),

final as (
    select
        charge_id,
        'seats' as charge_kind,
        case when is_idle then 'idle_seats' else 'seats' end as residual_cause,
        provider,
        billing_account,
        billing_month,
        product,
        seat_plan,
        owner_team,
        seats_pico as listed_pico,
        billing_currency,
        is_on_bill
    from seats
    union all
    select
        charge_id,
        'overage' as charge_kind,
        'overage' as residual_cause,
        provider,
        billing_account,
        billing_month,
        product,
        seat_plan,
        owner_team,
        overage_pico as listed_pico,
        billing_currency,
        is_on_bill
    from seat_usage
)

select * from final
