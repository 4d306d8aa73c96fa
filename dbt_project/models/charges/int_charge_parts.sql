-- One row per part of a charge that can be matched: the charge itself, or, where the bill does not
-- say whose key it was, its share per credential by the provider's own usage report. All tokens of
-- such a bill row have one unit price, so the split is exact. A part that shares its tokens with a
-- larger line follows that line's part and has none of its own; so does one of a key that the bill took something
-- back of: the largest line has the net. Payments for commitments and seats with
-- holders match nothing: int_commitment_allocations and int_seat_allocations spread them.
with charges as (
    select
        *,
        -- other lines have the same but for the tier: which of them a log means that knows none is open
        min(service_tier) over same_but_tier <> max(service_tier) over same_but_tier as has_other_tiers,
        {{ says_speed('int_charges') }} as says_speed
    from {{ ref('int_charges') }} as int_charges
    where charge_kind not in ('commitment', 'shortfall') and not coalesce(has_holders, false)
    window same_but_tier as (
        partition by provider, billing_account, model, meter, charge_period_start, charge_period_end
    )
),

-- models that the price book has in two bands; Anthropic bills all its models in two
banded_models as (
    select distinct provider, model from {{ ref('int_context_bands') }}
),

netted as (
    select * from {{ ref('int_netted_charges') }}
),

bridged_totals as (
    select
        *,
        sum(quantity) over (partition by charge_id) as charge_quantity
    from {{ ref('int_bridged_usage') }}
),

bridged_parts as (
    {{ split_exactly(
        'bridged_totals', 'billed_pico', 'quantity', 'charge_quantity',
        'charge_id', "coalesce(credential_id, '')", 'part_pico'
    ) }}
),

parts as (
    select
        charge_id,
        credential_id,
        case when charge_id = main_charge_id then quantity else 0 end as quantity,
        part_pico,
        case when charge_id <> main_charge_id then main_charge_id end as followed_charge_id
    from bridged_parts
    union all
    select
        charges.charge_id,
        charges.credential_id,
        case
            when netted.charge_id <> netted.main_charge_id then 0
            else cast(
                {{ countable_quantity(
                    'coalesce(netted.quantity, charges.consumed_quantity)', 'charges.consumed_unit', 'charges.meter'
                ) }} as bigint
            )
        end as quantity,
        charges.billed_pico as part_pico,
        case when netted.charge_id <> netted.main_charge_id then netted.main_charge_id end as followed_charge_id
    from charges
    left join netted on charges.charge_id = netted.charge_id
    where charges.charge_id not in (select charge_id from bridged_parts)
),

final as (
    select
        {{ key_of(['parts.charge_id', 'parts.credential_id']) }} as part_id,
        parts.charge_id,
        parts.credential_id,
        parts.quantity,
        parts.part_pico,
        case
            when parts.followed_charge_id is not null
                then {{ key_of(['parts.followed_charge_id', 'parts.credential_id']) }}
        end as followed_part_id,
        charges.source,
        charges.provider,
        charges.billing_account,
        charges.billing_month,
        charges.sub_account,
        charges.model,
        charges.meter,
        charges.service_tier,
        charges.context_band,
        charges.has_other_tiers,
        charges.says_speed,
        charges.provider = 'anthropic' or banded_models.model is not null as is_banded,
        charges.region,
        charges.charge_period_start,
        charges.charge_period_end,
        charges.charge_category,
        charges.charge_kind
    from parts
    inner join charges on parts.charge_id = charges.charge_id
    left join banded_models
        on charges.provider = banded_models.provider and charges.model = banded_models.model
)

select * from final
