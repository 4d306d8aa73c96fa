{{ config(materialized='view') }}
-- One row per charge x owner x credential, model, meter, tier, day and way of matching, under the columns of FOCUS
-- 1.2: charges are replaced by what they were split into, hours of a day in one row, with the owner in Tags. Of a payment for a
-- commitment there are two: what was invoiced (Purchase, no effective cost), and the use that it pays for (Usage,
-- nothing billed). BilledCost of an account and month sums to its charges in the bill's currency: the invoice, where it
-- is tied. What is estimated is no charge.
with allocations as (
    select
        *,
        coalesce(usage_hour, cast(usage_date as timestamp)) as used_from,
        coalesce(usage_hour + interval 1 hour, usage_date + interval 1 day) as used_until
    from {{ ref('fct_cost_allocations') }}
    where cost_basis = 'billed'
),

charges as (
    select * from {{ ref('fct_charges') }}
),

teams as (
    select * from {{ ref('dim_teams') }}
),

legs as (
    select unnest(['invoiced', 'used']) as leg
),

-- where no price is known what was billed stands for it, and the columns in the workspace's currency say so
shares as (
    select
        allocations.charge_id,
        allocations.billing_month,
        allocations.provider,
        allocations.billing_account,
        allocations.credential_id,
        allocations.model,
        allocations.meter,
        allocations.service_tier,
        allocations.context_band,
        {{ owner_columns('allocations') }},
        coalesce(teams.cost_center, '__unallocated__') as team_cost_center,
        allocations.usage_date,
        allocations.match_level,
        allocations.allocation_method,
        allocations.residual_cause,
        allocations.billing_currency,
        allocations.fx_rate_id,
        sum(allocations.billed_cost) as billed_cost,
        sum(allocations.effective_cost) as effective_cost,
        sum(allocations.billed_cost_in_billing_currency) as billed_cost_in_billing_currency,
        sum(allocations.list_cost) as list_cost,
        sum(allocations.contracted_cost) as contracted_cost,
        sum(coalesce(allocations.list_cost, allocations.billed_cost)) as list_or_billed_cost,
        sum(coalesce(allocations.contracted_cost, allocations.billed_cost)) as contracted_or_billed_cost,
        sum(allocations.quantity) as quantity
    from allocations
    {{ join_teams('allocations') }}
    group by all
),

charged as (
    select
        shares.*,
        charges.sub_account_id,
        charges.principal_id,
        charges.invoice_id,
        charges.charge_period_start,
        charges.charge_period_end,
        charges.charge_category,
        charges.charge_class,
        charges.charge_description,
        charges.charge_kind,
        charges.commitment_id,
        charges.region_id,
        charges.consumed_quantity,
        charges.consumed_unit,
        charges.model as charge_model,
        charges.meter as charge_meter,
        charges.service_tier as charge_service_tier,
        charges.context_band as charge_context_band,
        charges.billed_cost as charge_billed_cost,
        charges.billed_cost_in_billing_currency as charge_cost_in_billing_currency,
        charges.charge_kind = 'commitment' or shares.billed_cost <> shares.effective_cost as is_payment
    from shares
    inner join charges on shares.charge_id = charges.charge_id
),

by_leg as (
    select
        charged.*,
        charged.is_payment and legs.leg = 'used' as is_used,
        case
            when charged.is_payment and legs.leg = 'used' then 'Usage'
            else charged.charge_category
        end as category
    from charged
    cross join legs
    where
        case
            when not charged.is_payment then legs.leg = 'invoiced'
            when legs.leg = 'invoiced' then charged.billed_cost <> 0
            else charged.effective_cost <> 0
        end
),

-- what a payment in another currency pays for is at its own rate, which the bill's amount and the workspace's
-- say, to 12 places
rated as (
    select
        *,
        {{ to_pico('effective_cost') }} as effective_pico,
        abs({{ to_pico('charge_cost_in_billing_currency') }}) as charge_currency_pico,
        abs({{ to_pico('charge_billed_cost') }}) as charge_pico
    from by_leg
),

at_rate as (
    select
        *,
        case
            when is_used and billing_currency <> '{{ var("currency") }}' and charge_pico > 0
                then {{ split_floor('charge_currency_pico', '1000000000000', 'charge_pico') }}
        end as rate_pico
    from rated
),

-- what one row has whole of a charge has the bill's own quantity, of whatever unit
measured as (
    select
        at_rate.*,
        case when is_used then 0 else billed_cost_in_billing_currency end as billed,
        case
            when is_used then {{ from_pico(converted('effective_pico', 'rate_pico')) }}
            when is_payment then 0
            else billed_cost_in_billing_currency
        end as effective,
        case
            when category <> 'Usage' then null
            when quantity is not null and meter is not null then cast(quantity as decimal(38, 6))
            when billed_cost = charge_billed_cost and billed_cost <> 0 then consumed_quantity
        end as used_quantity,
        case
            when quantity is not null and meter is not null then {{ meter_unit('meter') }}
            else consumed_unit
        end as used_unit,
        {{ focus_name('provider', 0, 'provider') }} as provider_name
    from at_rate
),

named as (
    select
        measured.*,
        case when used_quantity is not null and used_unit is not null then {{ focus_unit('used_unit') }} end as unit,
        -- money at list and contracted price is known in the workspace's currency alone
        not is_payment and billing_currency = '{{ var("currency") }}' as has_prices,
        coalesce({{ focus_meter('charge_meter', 0) }}, charge_meter, charge_kind) as sku_meter,
        case
            when category in ('Usage', 'Purchase')
                then concat_ws('/', provider, charge_model, coalesce(charge_meter, charge_kind))
        end as sku_id
    from measured
),

final as (
    select
        cast(billed as decimal(38, 12)) as "BilledCost",
        billing_account as "BillingAccountId",
        cast(null as varchar) as "BillingAccountName",
        {{ focus_name('provider', 2, "'Account'") }} as "BillingAccountType",
        billing_currency as "BillingCurrency",
        cast(billing_month + interval 1 month as timestamp) as "BillingPeriodEnd",
        -- a cast that may fail keeps a filter on the month above the sums of all months
        try_cast(billing_month as timestamp) as "BillingPeriodStart",
        category as "ChargeCategory",
        case when not is_used then charge_class end as "ChargeClass",
        charge_description as "ChargeDescription",
        case
            when category = 'Usage' then 'Usage-Based'
            when category = 'Purchase' and charge_kind in ('seats', 'commitment') then 'Recurring'
            else 'One-Time'
        end as "ChargeFrequency",
        cast(
            case
                when is_used then usage_date + interval 1 day
                when charge_period_start is null then billing_month + interval 1 month
                else charge_period_end
            end as timestamp
        ) as "ChargePeriodEnd",
        cast(
            case when is_used then usage_date else coalesce(charge_period_start, billing_month) end as timestamp
        ) as "ChargePeriodStart",
        commitment_id as "CommitmentDiscountId",
        case
            when is_used and residual_cause = 'unused_commitment' then 'Unused'
            when is_used then 'Used'
        end as "CommitmentDiscountStatus",
        case when unit is not null then used_quantity end as "ConsumedQuantity",
        unit as "ConsumedUnit",
        cast(
            case when is_used then effective when has_prices then contracted_or_billed_cost else billed end
            as decimal(38, 12)
        ) as "ContractedCost",
        cast(effective as decimal(38, 12)) as "EffectiveCost",
        invoice_id as "InvoiceId",
        provider_name as "InvoiceIssuerName",
        cast(
            case when is_used then effective when has_prices then list_or_billed_cost else billed end
            as decimal(38, 12)
        ) as "ListCost",
        case when is_used then 'Committed' when category in ('Usage', 'Purchase') then 'Standard' end
            as "PricingCategory",
        cast(
            case unit
                when 'Tokens' then used_quantity * cast(0.000001 as decimal(6, 6))
                else used_quantity
            end as decimal(38, 12)
        ) as "PricingQuantity",
        case unit when 'Tokens' then '1000000 Tokens' else unit end as "PricingUnit",
        provider_name as "ProviderName",
        provider_name as "PublisherName",
        region_id as "RegionId",
        'AI and Machine Learning' as "ServiceCategory",
        {{ focus_name('provider', 1, 'provider') }} as "ServiceName",
        'Generative AI' as "ServiceSubcategory",
        sku_id as "SkuId",
        case when sku_id is not null then sku_meter end as "SkuMeter",
        case
            when sku_id is not null
                then nullif(cast(
                    json_merge_patch('{}', json_object(
                        'x_ModelId', charge_model,
                        'x_TokenDirection', {{ focus_meter('charge_meter', 1) }},
                        'x_TokenCacheAction', {{ focus_meter('charge_meter', 2) }},
                        'x_CacheTtl', {{ focus_meter('charge_meter', 3) }},
                        'x_Modality', {{ focus_meter('charge_meter', 4) }},
                        'x_ServiceTier', charge_service_tier,
                        'x_ContextBand', charge_context_band
                    )) as varchar
                ), '{}')
        end as "SkuPriceDetails",
        case
            when sku_id is not null
                then concat_ws('/', sku_id, charge_service_tier, charge_context_band, region_id)
        end as "SkuPriceId",
        sub_account_id as "SubAccountId",
        cast(null as varchar) as "SubAccountName",
        case when sub_account_id is not null then {{ focus_name('provider', 3, "'Project'") }} end
            as "SubAccountType",
        cast(json_object(
            {%- for dimension in owner_dimensions() %}
            '{{ dimension }}', {{ dimension }}{{ ',' if not loop.last }}
            {%- endfor %}
            {%- if 'cost_center' not in owner_dimensions() %},
            'cost_center', team_cost_center
            {%- endif %}
        ) as varchar) as "Tags",
        allocation_method as "x_AllocationMethod",
        cast(case when is_used then 0 else billed_cost end as decimal(38, 12)) as "x_BilledCostInReportingCurrency",
        cast(case when is_payment and not is_used then 0 else effective_cost end as decimal(38, 12))
            as "x_EffectiveCostInReportingCurrency",
        cast(contracted_cost as decimal(38, 12)) as "x_ContractedCostInReportingCurrency",
        cast(list_cost as decimal(38, 12)) as "x_ListCostInReportingCurrency",
        '{{ var("currency") }}' as "x_ReportingCurrency",
        fx_rate_id as "x_FxRateId",
        charge_id as "x_ChargeId",
        charge_kind as "x_ChargeKind",
        context_band as "x_ContextBand",
        credential_id as "x_CredentialId",
        match_level as "x_MatchLevel",
        meter as "x_Meter",
        nullif(model, '__none__') as "x_Model",
        principal_id as "x_PrincipalId",
        provider as "x_Provider",
        residual_cause as "x_ResidualCause",
        service_tier as "x_ServiceTier",
        case when {{ is_token_meter('meter') }} and not is_used then cast(quantity as bigint) end as "x_Tokens",
        usage_date as "x_UsageDate"
    from named
)

select * from final
