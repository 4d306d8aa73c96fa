-- One row per payment for a commitment and month that it pays for: the month's exact share of it. Months
-- that have neither usage, nor a bill, nor a payment yet have not begun: their share comes when they do.
with charges as (
    select * from {{ ref('int_commitment_charges') }}
),

months_with_money as (
    select billing_month from {{ ref('int_matched_allocations') }}
    union all
    select billing_month from charges
),

newest as (
    select max(billing_month) as newest_month from months_with_money
),

paid_months as (
    select
        charge_id,
        commitment_id,
        charge_kind,
        billed_pico,
        billing_month as invoice_month,
        {{ each_month('charge_period_start', 'charge_period_end') }} as billing_month
    from charges
),

numbered as (
    select
        *,
        row_number() over (partition by charge_id order by billing_month nulls last) as month_no,
        count(*) over (partition by charge_id) as months
    from paid_months
),

final as (
    select
        numbered.charge_id,
        numbered.commitment_id,
        numbered.charge_kind,
        numbered.billing_month,
        numbered.billing_month = numbered.invoice_month as is_invoice_month,
        cast(
            case when numbered.billed_pico < 0 then -1 else 1 end * (
                {{ split_floor('abs(numbered.billed_pico)', 'numbered.month_no', 'numbered.months') }}
                - {{ split_floor('abs(numbered.billed_pico)', 'numbered.month_no - 1', 'numbered.months') }}
            ) as decimal(38, 0)
        ) as share_pico
    from numbered
    cross join newest
    where numbered.billing_month <= newest.newest_month
)

select * from final
