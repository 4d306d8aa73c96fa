-- Fails if a rounding is larger than half a cent a bill line, or than one unit of currency, in the currency
-- of the bill. What converting line by line leaves is told by
-- assert_charges_are_converted_at_the_rate_of_their_month.
select
    months.provider,
    months.billing_account,
    months.billing_month,
    charges.billed_cost_in_billing_currency
from {{ ref('mart_reconciliation_monthly') }} as months
inner join {{ ref('fct_charges') }} as charges
    on
        months.provider = charges.provider
        and months.billing_account = charges.billing_account_id
        and months.billing_month = charges.billing_month
where
    charges.charge_kind = 'rounding'
    and abs(charges.billed_cost_in_billing_currency)
    > least(months.bill_lines * cast(0.005 as decimal(38, 12)), 1)
