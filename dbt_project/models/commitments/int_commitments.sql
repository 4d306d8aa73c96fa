-- One row per commitment and month in which it is in force, among the months with any allocation or
-- that a payment for a commitment pays for: the list-equivalent usage committed, what is paid for it,
-- and its place in line. A year is twelve months, from valid_from, each with its exact share.
with commitments as (
    select * from {{ source('landing', 'commitments') }}
),

months as (
    select billing_month from {{ ref('int_matched_allocations') }}
    union
    select billing_month from {{ ref('int_commitment_months') }}
),

in_force as (
    select
        commitments.*,
        months.billing_month,
        {{ to_pico('commitments.committed_amount') }} as period_pico,
        (
            (extract(year from months.billing_month) - extract(year from commitments.valid_from)) * 12
            + extract(month from months.billing_month) - extract(month from commitments.valid_from)
        ) % 12 as month_of_year
    from commitments
    inner join months
        on
            commitments.valid_from <= months.billing_month
            and months.billing_month < commitments.valid_to
),

monthly as (
    select
        {{ all_but('period_pico, month_of_year') }},
        case
            when period = 'month' then period_pico
            else
                {{ split_floor('period_pico', 'month_of_year + 1', '12') }}
                - {{ split_floor('period_pico', 'month_of_year', '12') }}
        end as committed_pico
    from in_force
),

final as (
    select
        *,
        {{ at_percent('committed_pico', '100 - discount_percent') }} as paid_pico,
        row_number() over (
            partition by provider, billing_month order by valid_from nulls last, commitment_id nulls last
        ) as place
    from monthly
)

select * from final
