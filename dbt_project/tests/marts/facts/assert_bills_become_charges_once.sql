-- Fails if the standing rows of a bill and its charges differ in number or money, by currency. Rows in a
-- currency that has no rate, or that their month does not take, are no charges: the run names them. It fails,
-- too, if two bills charge the same provider, account and month: mark one `role: control`. Capacity that is
-- paid by the month stands beside the bill of its account.
with rows_standing as (
    select
        source,
        billing_currency,
        count(*) as lines,
        sum(billed_cost_in_billing_currency) as billed_cost
    from {{ ref('stg_landing__charges') }}
    group by source, billing_currency
),

left_out as (
    select
        bills.source,
        bills.billing_currency,
        count(*) as lines,
        {{ from_pico('sum(bills.billed_pico)') }} as billed_cost
    from {{ ref('int_bill_charges') }} as bills
    inner join {{ ref('int_billing_currencies') }} as months
        using (provider, billing_account, billing_month)
    where
        bills.billed_pico <> 0
        and bills.source not in ('seats.csv', 'seat_usage.csv')
        and bills.billing_currency <> '{{ var("currency") }}'
        and (months.rate_pico is null or months.currency <> bills.billing_currency)
    group by bills.source, bills.billing_currency
),

charges as (
    select
        source,
        billing_currency,
        count(*) as lines,
        sum(billed_cost_in_billing_currency) as billed_cost
    from {{ ref('fct_charges') }}
    where source not in ('invoices.csv', 'capacity.csv', 'seats.csv', 'seat_usage.csv')
    group by source, billing_currency
)

select
    'rows and charges differ in number or money' as problem,
    coalesce(rows_standing.source, charges.source) as bills,
    coalesce(rows_standing.billing_currency, charges.billing_currency) as place,
    cast(null as date) as billing_month
from rows_standing
full outer join charges using (source, billing_currency)
left join left_out using (source, billing_currency)
where
    coalesce(rows_standing.lines, 0) <> coalesce(charges.lines, 0) + coalesce(left_out.lines, 0)
    or coalesce(rows_standing.billed_cost, 0)
    <> coalesce(charges.billed_cost, 0) + coalesce(left_out.billed_cost, 0)
union all
select
    'several bills of one account and month: mark one `role: control`',
    string_agg(distinct source, ', ' order by source nulls last),
    provider || ' ' || billing_account_id,
    billing_month
from {{ ref('fct_charges') }}
where source not in ('invoices.csv', 'capacity.csv', 'seats.csv', 'seat_usage.csv')
group by provider, billing_account_id, billing_month
having count(distinct source) > 1
