-- One row per bill row of a key that the bill took something back of, in whatever month: matching sees the key's
-- net. Its largest line has the net quantity; the others, what takes back included, have none and follow that line
-- with their money. Money back that says no quantity leaves the quantity as it is; negative money for tokens that
-- were used is no part of a net. Where more is taken back than a key has, it is of another period. A key whose lines
-- say no quantity needs no net: they are split whole, and money back as they are.
with charges as (
    select
        *,
        coalesce(consumed_quantity, 0) < 0 or billed_pico < 0 as is_taken_back
    from {{ ref('int_bill_charges') }} as bill_charges
    where
        {{ is_metered('bill_charges') }}
        and charge_category = 'Usage'
        and (billed_pico >= 0 or coalesce(consumed_quantity, 0) <= 0)
),

-- few lines are: only what stands beside one is looked at whole
taken_back as (
    select distinct
        source,
        charge_period_start,
        charge_description
    from charges
    where is_taken_back
),

-- not of the key are the invoice and what a line says of being a correction: what is taken back has others
keyed as (
    select
        charges.charge_id,
        charges.billed_pico,
        charges.consumed_quantity,
        charges.is_taken_back,
        case when charges.consumed_quantity is not null then coalesce(charges.consumed_unit, '') end as unit,
        {{ key_of([
            'charges.source', 'charges.report', 'charges.provider', 'charges.billing_account', 'charges.sub_account',
            'charges.credential_id', 'charges.principal_id', 'charges.raw_model', 'charges.meter',
            'charges.service_tier', 'charges.context_band', 'charges.region', 'charges.charge_description',
            'charges.charge_kind', 'charges.charge_period_start', 'charges.charge_period_end',
            'charges.billing_currency',
        ]) }} as net_key
    from charges
    inner join taken_back
        on
            charges.source = taken_back.source
            and charges.charge_period_start = taken_back.charge_period_start
            and charges.charge_description is not distinct from taken_back.charge_description
),

nets as (
    select
        net_key,
        sum(consumed_quantity) as quantity
    from keyed
    group by net_key
    having
        bool_or(is_taken_back)
        and bool_or(not is_taken_back)
        and bool_and(is_taken_back or consumed_quantity is not null)
        and count(distinct unit) = 1
        and sum(consumed_quantity) >= 0
        -- what is of no money has none to follow
        and (max(billed_pico) > 0 or min(billed_pico) = 0)
),

followed as (
    select
        charge_id,
        net_key,
        first_value(charge_id) over (
            partition by net_key
            order by
                case when is_taken_back then 1 else 0 end nulls last, billed_pico desc nulls last, charge_id nulls last
        ) as main_charge_id
    from keyed
),

final as (
    select
        followed.charge_id,
        followed.main_charge_id,
        case when followed.charge_id = followed.main_charge_id then nets.quantity else 0 end as quantity
    from followed
    inner join nets on followed.net_key = nets.net_key
)

select * from final
