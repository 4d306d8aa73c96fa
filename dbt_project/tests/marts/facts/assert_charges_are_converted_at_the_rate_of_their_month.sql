-- Fails if a charge in another currency is not worth what its rate says, to half a pico-unit (a rounding: to
-- as much for each line of its month), if its rate is unknown, or not the only one of its account and month.
with rates as (
    select
        from_currency || '/' || to_currency || '/' || "date" as fx_rate_id,
        from_currency,
        {{ to_pico('rate') }} as rate_pico
    from {{ source('landing', 'fx_rates') }}
),

charges as (
    select
        *,
        count(*) over (partition by provider, billing_account_id, billing_month) + 4 as lines,
        min(fx_rate_id) over (partition by provider, billing_account_id, billing_month, billing_currency)
            as first_rate_id
    from {{ ref('fct_charges') }}
)

select
    charges.charge_id,
    charges.billed_cost,
    charges.billed_cost_in_billing_currency,
    charges.fx_rate_id
from charges
left join rates
    on
        charges.fx_rate_id = rates.fx_rate_id
        and charges.billing_currency = rates.from_currency
where
    case
        when charges.fx_rate_id = 'identity'
            then
                charges.billed_cost <> charges.billed_cost_in_billing_currency
                or (charges.billed_cost <> 0 and charges.billing_currency <> '{{ var("currency") }}')
        else
            rates.fx_rate_id is null
            or charges.fx_rate_id <> charges.first_rate_id
            or abs(
                cast({{ to_pico('charges.billed_cost') }} as hugeint) * 1000000000000
                - cast({{ to_pico('charges.billed_cost_in_billing_currency') }} as hugeint) * rates.rate_pico
            ) > 500000000000 * case when charges.charge_kind = 'rounding' then charges.lines else 1 end
    end
