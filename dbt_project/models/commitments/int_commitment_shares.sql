-- One row per payment for a commitment x month that it pays for x usage that the commitment covers, and
-- one for what was not used: its exact share of the month's money, by used / committed. Usage before
-- `since` has no owner and is part of what is left. A shortfall pays for what was not used, and only that.
with months as (
    select * from {{ ref('int_commitment_months') }}
),

commitments as (
    select commitment_id, billing_month, committed_pico
    from {{ ref('int_commitments') }}
),

uses as (
    select
        commitment_id,
        billing_month,
        provider,
        usage_date,
        named_key,
        used_pico
    from {{ ref('int_commitment_uses') }}
    where used_pico > 0 and usage_date >= (select since from {{ ref('int_since') }})
),

covered as (
    select
        months.charge_id,
        months.billing_month,
        months.share_pico as month_pico,
        uses.provider,
        uses.usage_date,
        uses.named_key,
        uses.used_pico,
        {{ split_floor('uses.used_pico', '1', '1000') }} as weight
    from months
    inner join uses
        on
            months.commitment_id = uses.commitment_id
            and months.billing_month = uses.billing_month
    where months.charge_kind = 'commitment'
),

covered_totals as (
    select
        charge_id,
        billing_month,
        sum(used_pico) as used_pico,
        sum(weight) as weight
    from covered
    group by charge_id, billing_month
),

-- weights are a thousandth of the pico-unit's so that large commitments are divided exactly
not_used as (
    select
        months.charge_id,
        months.billing_month,
        months.share_pico as month_pico,
        greatest(
            {{ split_floor(
                'coalesce(commitments.committed_pico, 0) - coalesce(covered_totals.used_pico, 0)',
                '1', '1000'
            ) }},
            case when coalesce(covered_totals.weight, 0) = 0 then 1 else 0 end
        ) as weight
    from months
    left join commitments
        on
            months.commitment_id = commitments.commitment_id
            and months.billing_month = commitments.billing_month
    left join covered_totals
        on
            months.charge_id = covered_totals.charge_id
            and months.billing_month = covered_totals.billing_month
),

weights as (
    select
        charge_id,
        billing_month,
        month_pico,
        provider,
        usage_date,
        named_key,
        weight
    from covered
    union all
    select
        charge_id,
        billing_month,
        month_pico,
        cast(null as varchar) as provider,
        cast(null as date) as usage_date,
        cast(null as varchar) as named_key,
        weight
    from not_used
),

totals as (
    select
        *,
        cast(sum(weight) over (partition by charge_id, billing_month) as decimal(38, 0))
            as total_weight
    from weights
),

split as (
    {{ split_exactly(
        'totals', 'month_pico', 'weight', 'total_weight', 'charge_id, billing_month',
        ["coalesce(cast(usage_date as varchar), '')", "coalesce(named_key, '')"], 'share_pico'
    ) }}
),

final as (
    select
        charge_id,
        billing_month,
        provider,
        usage_date,
        named_key,
        share_pico
    from split
    where share_pico <> 0
)

select * from final
