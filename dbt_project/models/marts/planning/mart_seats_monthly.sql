-- One row per billing month x provider x account x product x plan x team: the seats that a team has, and what they
-- cost by the bill, held or idle. What a bill charges beyond the seats of seats.csv is product `__unlisted__`.
with charged as (
    select * from {{ ref('int_seat_allocations') }}
),

seats as (
    select
        billing_month,
        provider,
        billing_account,
        product,
        coalesce(seat_plan, '__none__') as seat_plan,
        coalesce(owner_team, '__unallocated__') as team,
        is_idle,
        seats
    from {{ ref('int_seats') }}
),

lines as (
    select
        billing_month,
        provider,
        billing_account,
        product,
        seat_plan,
        team,
        seats,
        case when is_idle then seats else 0 end as idle_seats,
        cast(0 as decimal(38, 0)) as held_pico,
        cast(0 as decimal(38, 0)) as idle_pico
    from seats
    union all
    select
        billing_month,
        provider,
        billing_account,
        seat_product,
        seat_plan,
        team,
        0,
        0,
        case when residual_cause = 'seats' then billed_pico else 0 end,
        case when residual_cause = 'idle_seats' then billed_pico else 0 end
    from charged
),

final as (
    select
        billing_month,
        provider,
        billing_account,
        product,
        seat_plan,
        team,
        cast(sum(seats) as bigint) as seats,
        cast(sum(idle_seats) as bigint) as idle_seats,
        {{ from_pico('sum(held_pico)') }} as held_cost,
        {{ from_pico('sum(idle_pico)') }} as idle_cost,
        {{ from_pico('sum(held_pico + idle_pico)') }} as billed_cost,
        '{{ var("currency") }}' as currency
    from lines
    group by billing_month, provider, billing_account, product, seat_plan, team
)

select * from final
