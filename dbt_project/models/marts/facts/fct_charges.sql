-- One row per charge: a line of a provider's bill, or what only the invoice knows (tax, credit,
-- rounding, payments for commitments). Column meanings are FOCUS's: a purchase that covers usage has no
-- effective cost of its own, the usage that it covers has.
with charges as (
    select * from {{ ref('int_charges') }}
),

final as (
    select
        charge_id,
        source,
        provider,
        billing_account as billing_account_id,
        sub_account as sub_account_id,
        credential_id,
        principal_id,
        invoice_id,
        billing_month,
        cast(billing_month as timestamp) as billing_period_start,
        cast(billing_month + interval 1 month as timestamp) as billing_period_end,
        charge_period_start,
        charge_period_end,
        charge_category,
        charge_class,
        charge_description,
        charge_kind,
        commitment_id,
        model,
        meter,
        service_tier,
        context_band,
        region as region_id,
        consumed_quantity,
        consumed_unit,
        {{ from_pico('billed_pico') }} as billed_cost,
        {{ from_pico("case when charge_kind = 'commitment' then 0 else billed_pico end") }} as effective_cost,
        billing_currency,
        {{ from_pico('billed_currency_pico') }} as billed_cost_in_billing_currency,
        fx_rate_id
    from charges
)

select * from final
