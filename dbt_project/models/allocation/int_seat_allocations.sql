-- One row per charge of seats x product, plan, owner and cause: `seats` that somebody holds, `idle_seats` that
-- nobody does or uses, `overage` of a person's use. A charge of seats.csv or seat_usage.csv is its line's. A bill's
-- lines of an account, month and kind are shared by what the CSVs say of it: prices of all seats that are held there,
-- overage of all persons; what they charge beyond these is nobody's, product `__unlisted__`.
with currencies as (
    select * from {{ ref('int_billing_currencies') }}
),

charges as (
    select
        {{ all_but('billed_pico', of='bill_charges') }},
        bill_charges.billed_pico as billed_currency_pico,
        {{ converted('bill_charges.billed_pico', 'currencies.rate_pico') }} as billed_pico,
        coalesce(
            case when bill_charges.billing_currency = currencies.currency then currencies.fx_rate_id end, 'identity'
        ) as fx_rate_id
    from {{ ref('int_bill_charges') }} as bill_charges
    left join currencies
        on
            bill_charges.provider = currencies.provider
            and bill_charges.billing_account = currencies.billing_account
            and bill_charges.billing_month = currencies.billing_month
    where
        bill_charges.has_holders
        and ({{ is_convertible('bill_charges.billing_currency', 'currencies') }} or bill_charges.billed_pico = 0)
),

seats as (
    select * from {{ ref('int_seat_charges') }}
),

held as (
    select
        charges.charge_id,
        charges.billed_pico,
        charges.provider,
        charges.billing_account,
        charges.billing_month,
        charges.billing_currency,
        charges.fx_rate_id,
        charges.billed_currency_pico,
        charges.charge_kind,
        seats.is_on_bill,
        seats.product,
        coalesce(seats.seat_plan, '__none__') as seat_plan,
        coalesce(seats.owner_team, '__unallocated__') as team,
        seats.residual_cause,
        -- a person whose report takes back more than was used has no part of a bill's lines
        sum(case when seats.is_on_bill then greatest(seats.listed_pico, 0) else 1 end) as weight
    from charges
    inner join seats
        on
            charges.provider = seats.provider
            and charges.billing_account = seats.billing_account
            and charges.billing_month = seats.billing_month
            and charges.billing_currency = seats.billing_currency
            and charges.charge_kind = seats.charge_kind
            and (seats.is_on_bill or charges.charge_id = seats.charge_id)
    group by all
),

listed as (
    select
        charge_id,
        max(billed_pico) as billed_pico,
        max(provider) as provider,
        max(billing_account) as billing_account,
        max(billing_month) as billing_month,
        max(billing_currency) as billing_currency,
        max(fx_rate_id) as fx_rate_id,
        max(billed_currency_pico) as billed_currency_pico,
        max(charge_kind) as charge_kind,
        sum(weight) as weight
    from held
    where is_on_bill
    group by charge_id
),

unlisted as (
    select
        {{ all_but('weight, billed_currency_pico', of='listed') }},
        greatest(
            sum(billed_currency_pico) over (
                partition by provider, billing_account, billing_month, billing_currency, charge_kind
            ) - weight,
            case when weight = 0 then 1 else 0 end
        ) as weight
    from listed
),

weighted as (
    select
        *,
        sum(weight) over (partition by charge_id) as total_weight
    from (
        select
            charge_id,
            billed_pico,
            provider,
            billing_account,
            billing_month,
            billing_currency,
            fx_rate_id,
            product,
            seat_plan,
            team,
            residual_cause,
            weight
        from held
        union all
        select
            charge_id,
            billed_pico,
            provider,
            billing_account,
            billing_month,
            billing_currency,
            fx_rate_id,
            '__unlisted__',
            '__none__',
            '__unallocated__',
            charge_kind,
            weight
        from unlisted
        where weight > 0
    ) as parts
),

split as (
    {{ split_exactly(
        'weighted', 'billed_pico', 'weight', 'total_weight', 'charge_id',
        ['product', 'seat_plan', 'team', 'residual_cause'], 'share_pico'
    ) }}
),

final as (
    select
        {{ key_of(['charge_id', 'product', 'seat_plan', 'team', 'residual_cause']) }} as allocation_id,
        charge_id,
        cast(null as varchar) as cell_id,
        cast(null as varchar) as cell_meter,
        billing_month,
        cast(null as timestamp) as usage_hour,
        {{ last_of_month('billing_month') }} as usage_date,
        {{ last_of_month('billing_month') }} as showback_date,
        provider,
        billing_account,
        cast(null as varchar) as sub_account,
        cast(null as varchar) as credential_id,
        '__none__' as model,
        cast(null as varchar) as meter,
        cast(null as varchar) as service_tier,
        cast(null as varchar) as context_band,
        cast(null as varchar) as region,
        {{ owner_or_unallocated(['team'], of='split') }},
        cast(null as bigint) as quantity,
        share_pico as billed_pico,
        cast(0 as decimal(38, 0)) as estimated_pico,
        cast(null as decimal(38, 0)) as list_pico,
        cast(null as decimal(38, 0)) as contracted_pico,
        'billed' as cost_basis,
        'none' as match_level,
        'residual' as allocation_method,
        residual_cause,
        billing_currency,
        fx_rate_id,
        cast(0 as bigint) as failed_requests,
        cast(0 as bigint) as estimated_requests,
        share_pico as effective_pico,
        -- an owner dimension may be called product
        product as seat_product,
        seat_plan
    from split
)

select * from final
