-- One row per payment for a commitment x allocation of usage that it covers, x month for what was not
-- used, and one `timing` row where the invoice's month is not the whole of what it pays for. Effective
-- money is the month's share of the payment; billed money is all of it in the month of the invoice:
-- that month's share, and under `timing` what belongs to the other months.
{%- set keys = [
    'billing_account', 'sub_account', 'credential_id', 'region', 'service_tier', 'model', 'meter',
] %}
with shares as (
    select * from {{ ref('int_commitment_shares') }}
),

charges as (
    select * from {{ ref('int_commitment_charges') }}
),

since as (
    select since from {{ ref('int_since') }}
),

covered_months as (
    select distinct provider, billing_month from shares
    where named_key is not null
),

usage as (
    select
        matched.*,
        {{ key_of(keys) }} as named_key
    from {{ ref('int_matched_allocations') }} as matched
    where
        residual_cause is null
        and list_pico > 0
        and match_level is distinct from 'capacity'
        and exists (
            select 1 from covered_months
            where
                covered_months.provider = matched.provider
                and covered_months.billing_month = matched.billing_month
        )
),

covered as (
    select
        {{ all_but('charge_id, billing_account', of='usage') }},
        shares.charge_id,
        shares.share_pico,
        usage.allocation_id as covered_id,
        sum(usage.list_pico) over (
            partition by shares.charge_id, shares.billing_month, shares.usage_date, shares.named_key
        ) as total_pico
    from shares
    inner join usage
        on
            shares.provider = usage.provider
            and shares.billing_month = usage.billing_month
            and shares.usage_date = usage.usage_date
            and shares.named_key = usage.named_key
),

split as (
    {{ split_exactly(
        'covered', 'share_pico', 'list_pico', 'total_pico',
        'charge_id, billing_month, usage_date, named_key', 'covered_id', 'effective_pico'
    ) }}
),

used as (
    select
        split.charge_id,
        split.covered_id,
        split.cell_id,
        split.cell_meter,
        split.billing_month,
        split.usage_hour,
        split.usage_date,
        split.showback_date,
        split.sub_account,
        split.credential_id,
        split.model,
        split.meter,
        split.service_tier,
        split.context_band,
        split.region,
        {{ owner_columns('split') }},
        -- its quantity and its prices stand where the bill or the log has it
        cast(0 as bigint) as quantity,
        cast(0 as decimal(38, 0)) as list_pico,
        cast(0 as decimal(38, 0)) as contracted_pico,
        'commitment' as match_level,
        'covered_usage' as allocation_method,
        cast(null as varchar) as residual_cause,
        case when split.billing_month = charges.billing_month then split.effective_pico else 0 end
            as billed_pico,
        split.effective_pico
    from split
    inner join charges on split.charge_id = charges.charge_id
    where split.effective_pico <> 0
),

-- whether all of a month was used is known from `since` on
not_used as (
    select
        shares.charge_id,
        shares.billing_month,
        case
            when charges.charge_kind = 'commitment' and shares.billing_month < since.since
                then 'outside_gateway'
            else 'unused_commitment'
        end as residual_cause,
        case when shares.billing_month = charges.billing_month then shares.share_pico else 0 end
            as billed_pico,
        shares.share_pico as effective_pico
    from shares
    inner join charges on shares.charge_id = charges.charge_id
    cross join since
    where shares.named_key is null
),

invoiced as (
    select charge_id, sum(share_pico) as share_pico
    from {{ ref('int_commitment_months') }}
    where is_invoice_month
    group by charge_id
),

timing as (
    select
        charges.charge_id,
        charges.billing_month,
        'timing' as residual_cause,
        charges.billed_pico - coalesce(invoiced.share_pico, 0) as billed_pico,
        cast(0 as decimal(38, 0)) as effective_pico
    from charges
    left join invoiced on charges.charge_id = invoiced.charge_id
    where charges.billed_pico <> coalesce(invoiced.share_pico, 0)
),

residuals as (
    select
        unexplained.*,
        {{ last_of_month('unexplained.billing_month') }} as usage_date,
        '__none__' as model,
        case when unexplained.billing_month >= since.since then charges.owner_team end as team
    from (
        select * from not_used
        union all
        select * from timing
    ) as unexplained
    inner join charges on unexplained.charge_id = charges.charge_id
    cross join since
),

residual_rows as (
    select
        charge_id,
        cast(null as varchar) as covered_id,
        cast(null as varchar) as cell_id,
        cast(null as varchar) as cell_meter,
        billing_month,
        cast(null as timestamp) as usage_hour,
        usage_date,
        usage_date as showback_date,
        cast(null as varchar) as sub_account,
        cast(null as varchar) as credential_id,
        model,
        cast(null as varchar) as meter,
        cast(null as varchar) as service_tier,
        cast(null as varchar) as context_band,
        cast(null as varchar) as region,
        {{ owner_or_unallocated(['team']) }},
        cast(null as bigint) as quantity,
        cast(null as decimal(38, 0)) as list_pico,
        cast(null as decimal(38, 0)) as contracted_pico,
        'none' as match_level,
        'residual' as allocation_method,
        residual_cause,
        billed_pico,
        effective_pico
    from residuals
),

allocations as (
    select * from used
    union all
    select * from residual_rows
),

final as (
    select
        {{ key_of([
            'allocations.charge_id', 'allocations.billing_month', 'allocations.covered_id',
            'allocations.residual_cause',
        ]) }} as allocation_id,
        allocations.charge_id,
        allocations.cell_id,
        allocations.cell_meter,
        allocations.billing_month,
        allocations.usage_hour,
        allocations.usage_date,
        allocations.showback_date,
        charges.provider,
        charges.billing_account,
        allocations.sub_account,
        allocations.credential_id,
        allocations.model,
        allocations.meter,
        allocations.service_tier,
        allocations.context_band,
        allocations.region,
        {{ owner_columns('allocations') }},
        allocations.quantity,
        cast(allocations.billed_pico as decimal(38, 0)) as billed_pico,
        cast(0 as decimal(38, 0)) as estimated_pico,
        allocations.list_pico,
        allocations.contracted_pico,
        'billed' as cost_basis,
        allocations.match_level,
        allocations.allocation_method,
        allocations.residual_cause,
        charges.billing_currency,
        charges.fx_rate_id,
        cast(0 as bigint) as failed_requests,
        cast(0 as bigint) as estimated_requests,
        cast(allocations.effective_pico as decimal(38, 0)) as effective_pico
    from allocations
    inner join charges on allocations.charge_id = charges.charge_id
)

select * from final
