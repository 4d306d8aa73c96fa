-- One row per billing month x provider x account x product x plan x team: the seats that a team has, what they cost
-- by the bill, held, idle, or used beyond what is included. What a bill charges beyond the CSVs is product
-- `__unlisted__`. Credits that come with seats, and the worth of what was used, are no money: the seats' price has paid
-- them. Credits are pooled by account, product and month; what nobody used of a pool is forfeited, told by who left some.
with currencies as (
    select * from {{ ref('int_billing_currencies') }}
),

seats as (
    select * from {{ ref('int_seats') }}
),

seat_usage as (
    select * from {{ ref('int_seat_usage') }}
),

charged as (
    select * from {{ ref('int_seat_allocations') }}
),

-- whom a report of the month speaks of
users as (
    select distinct provider, billing_account, billing_month, product, person
    from seat_usage
    where used_pico > 0
),

lines as (
    select
        seats.billing_month,
        seats.provider,
        seats.billing_account,
        seats.product,
        seats.seat_plan,
        seats.owner_team,
        seats.billing_currency,
        seats.seats,
        case when seats.is_idle then seats.seats else 0 end as idle_seats,
        case when seats.is_idle or users.person is not null then 0 else seats.seats end as unseen_seats,
        seats.included_pico,
        cast(null as decimal(38, 0)) as used_pico,
        cast(0 as decimal(38, 0)) as covered_pico
    from seats
    left join users
        on
            seats.provider = users.provider
            and seats.billing_account = users.billing_account
            and seats.billing_month = users.billing_month
            and seats.product = users.product
            and seats.person = users.person
    union all
    select
        billing_month,
        provider,
        billing_account,
        product,
        seat_plan,
        owner_team,
        billing_currency,
        0,
        0,
        0,
        0,
        used_pico,
        used_pico - overage_pico
    from seat_usage
),

-- in the workspace's currency, as the money is; NULL where the month takes no money of that currency
worth as (
    select
        lines.billing_month,
        lines.provider,
        lines.billing_account,
        lines.product,
        coalesce(lines.seat_plan, '__none__') as seat_plan,
        coalesce(lines.owner_team, '__unallocated__') as team,
        lines.seats,
        lines.idle_seats,
        lines.unseen_seats
        {%- for amount in ['included_pico', 'used_pico', 'covered_pico'] %},
        case
            when {{ is_convertible('lines.billing_currency', 'currencies') }}
                then {{ converted('lines.' ~ amount, 'currencies.rate_pico') }}
        end as {{ amount }}
        {%- endfor %},
        cast(0 as decimal(38, 0)) as billed_pico,
        cast(null as varchar) as residual_cause
    from lines
    left join currencies
        on
            lines.provider = currencies.provider
            and lines.billing_account = currencies.billing_account
            and lines.billing_month = currencies.billing_month
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
        0,
        null,
        null,
        null,
        billed_pico,
        residual_cause
    from charged
),

summed as (
    select
        billing_month,
        provider,
        billing_account,
        product,
        seat_plan,
        team,
        {{ key_of(['billing_month', 'provider', 'billing_account', 'product']) }} as pool_key,
        cast(sum(seats) as bigint) as seats,
        cast(sum(idle_seats) as bigint) as idle_seats,
        cast(sum(unseen_seats) as bigint) as unseen_seats,
        {%- for cause in ['seats', 'idle_seats', 'overage'] %}
        cast(coalesce(sum(billed_pico) filter (where residual_cause = '{{ cause }}'), 0) as decimal(38, 0))
            as {{ cause }}_pico,
        {%- endfor %}
        {%- for amount in ['included_pico', 'used_pico', 'covered_pico'] %}
        cast(coalesce(sum({{ amount }}), 0) as decimal(38, 0)) as {{ amount }},
        {%- endfor %}
        count(used_pico) as reported
    from worth
    group by billing_month, provider, billing_account, product, seat_plan, team
),

pooled as (
    select
        *,
        sum(reported) over (partition by pool_key) > 0 as is_reported,
        greatest(sum(included_pico - covered_pico) over (partition by pool_key), 0) as left_pico,
        greatest(included_pico - covered_pico, 0) as unused_pico,
        greatest(sum(greatest(included_pico - covered_pico, 0)) over (partition by pool_key), 1) as all_unused_pico
    from summed
),

forfeited as (
    {{ split_exactly(
        'pooled', 'left_pico', 'unused_pico', 'all_unused_pico', 'pool_key', ['seat_plan', 'team'], 'forfeited_pico'
    ) }}
),

final as (
    select
        billing_month,
        provider,
        billing_account,
        product,
        seat_plan,
        team,
        seats,
        idle_seats,
        case when is_reported then unseen_seats end as unseen_seats,
        {{ from_pico('seats_pico') }} as held_cost,
        {{ from_pico('idle_seats_pico') }} as idle_cost,
        {{ from_pico('overage_pico') }} as overage_cost,
        {{ from_pico('seats_pico + idle_seats_pico + overage_pico') }} as billed_cost,
        {{ from_pico('included_pico') }} as included_value,
        case when is_reported then {{ from_pico('used_pico') }} end as used_value,
        case when is_reported then {{ from_pico('forfeited_pico') }} end as forfeited_value,
        '{{ var("currency") }}' as currency
    from forfeited
)

select * from final
