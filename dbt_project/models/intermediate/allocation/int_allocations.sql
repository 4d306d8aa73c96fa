-- One row per allocation: charge x cell, charge x residual cause, or an open cell. Billed money of a
-- charge sums to the charge. An open cell is estimated while its account and day have neither charge
-- nor invoice; where they have, it was logged and not billed: quantity without money.
with uses as (
    select * from {{ ref('int_cell_uses') }}
),

residuals as (
    select * from {{ ref('int_residuals') }}
),

cells as (
    select * from {{ ref('int_cells') }}
),

charges as (
    select * from {{ ref('int_charges') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

since as (
    select since from {{ ref('int_since') }}
),

billed_days as (
    select distinct
        provider,
        billing_account,
        charge_period_start,
        charge_period_end
    from charges
    where charge_category = 'Usage'
),

cells_billed as (
    select distinct cells.cell_id
    from cells
    inner join billed_days
        on
            cells.provider = billed_days.provider
            and cells.billing_account = billed_days.billing_account
            and billed_days.charge_period_start <= cells.usage_hour
            and cells.usage_hour < billed_days.charge_period_end
),

explained as (
    select
        uses.charge_id,
        cells.cell_id,
        uses.cell_meter,
        charges.billing_month,
        cells.usage_hour,
        cells.usage_date,
        cells.showback_date,
        cells.provider,
        cells.billing_account,
        coalesce(charges.sub_account, cells.sub_account) as sub_account,
        coalesce(uses.credential_id, cells.credential_id) as credential_id,
        cells.model,
        coalesce(charges.meter, uses.cell_meter) as meter,
        cells.service_tier,
        cells.context_band,
        cells.region,
        cells.feature,
        cells.team,
        cells.tier,
        cells.environment,
        cells.plan,
        uses.quantity,
        uses.billed_pico,
        cast(0 as decimal(38, 0)) as estimated_pico,
        uses.list_pico,
        uses.contracted_pico,
        'billed' as cost_basis,
        uses.match_level,
        uses.allocation_method,
        cast(null as varchar) as residual_cause,
        charges.billing_currency,
        charges.fx_rate_id,
        cast(0 as bigint) as failed_requests,
        cast(0 as bigint) as estimated_requests
    from uses
    inner join cells on uses.cell_id = cells.cell_id
    inner join charges on uses.charge_id = charges.charge_id
),

open_cells as (
    select
        uses.* exclude (credential_id),
        cells.* exclude (cell_id, day_hash, requests, failed_requests, estimated_requests),
        {{ first_of_month('cells.usage_date') }} as billing_month,
        cells_billed.cell_id is null
        and invoices.invoice_id is null
        and cells.usage_hour >= since.since as is_estimated,
        cells.usage_hour < since.since as is_before_since
    from uses
    inner join cells on uses.cell_id = cells.cell_id
    left join cells_billed on cells.cell_id = cells_billed.cell_id
    left join invoices
        on
            cells.provider = invoices.provider
            and cells.billing_account = invoices.billing_account
            and {{ first_of_month('cells.usage_date') }} = invoices.billing_month
    cross join since
    where uses.charge_id is null
),

unexplained_by_bill as (
    select
        case when is_estimated then 'estimate' else 'unbilled' end
        || ':' || provider || ':' || billing_account || ':' || usage_date as charge_id,
        cell_id,
        cell_meter,
        billing_month,
        usage_hour,
        usage_date,
        showback_date,
        provider,
        billing_account,
        sub_account,
        credential_id,
        model,
        cell_meter as meter,
        service_tier,
        context_band,
        region,
        feature,
        team,
        tier,
        environment,
        plan,
        quantity,
        cast(0 as decimal(38, 0)) as billed_pico,
        case when is_estimated then contracted_pico else 0 end as estimated_pico,
        list_pico,
        contracted_pico,
        case when is_estimated then 'estimated' else 'billed' end as cost_basis,
        case when is_before_since then 'before_since' else match_level end as match_level,
        case when is_estimated then 'contracted_cost' else allocation_method end
            as allocation_method,
        cast(null as varchar) as residual_cause,
        '{{ var("currency") }}' as billing_currency,
        'identity' as fx_rate_id,
        cast(0 as bigint) as failed_requests,
        cast(0 as bigint) as estimated_requests
    from open_cells
),

-- a period longer than a day has no day: it takes the month's last
residual_rows as (
    select
        residuals.charge_id,
        cast(null as varchar) as cell_id,
        cast(null as varchar) as cell_meter,
        charges.billing_month,
        cast(null as timestamp) as usage_hour,
        case
            when charges.charge_period_end <= charges.charge_period_start + interval 1 day
                then cast(charges.charge_period_start as date)
            else {{ last_of_month('charges.billing_month') }}
        end as usage_date,
        charges.provider,
        charges.billing_account,
        charges.sub_account,
        residuals.credential_id,
        coalesce(charges.model, '__none__') as model,
        charges.meter,
        charges.service_tier,
        charges.context_band,
        charges.region,
        coalesce(residuals.feature, '__unallocated__') as feature,
        coalesce(residuals.team, '__unallocated__') as team,
        '__unallocated__' as tier,
        coalesce(residuals.environment, '__unallocated__') as environment,
        '__unallocated__' as plan,
        residuals.quantity,
        residuals.billed_pico,
        cast(0 as decimal(38, 0)) as estimated_pico,
        cast(null as decimal(38, 0)) as list_pico,
        cast(null as decimal(38, 0)) as contracted_pico,
        'billed' as cost_basis,
        'none' as match_level,
        'residual' as allocation_method,
        residuals.residual_cause,
        charges.billing_currency,
        charges.fx_rate_id,
        residuals.failed_requests,
        residuals.estimated_requests
    from residuals
    inner join charges on residuals.charge_id = charges.charge_id
),

allocations as (
    select * from explained
    union all by name
    select * from unexplained_by_bill
    union all by name
    select
        *,
        usage_date as showback_date
    from residual_rows
),

final as (
    select
        {{ key_of([
            'charge_id', 'cell_id', 'cell_meter', 'match_level', 'allocation_method', 'residual_cause', 'credential_id',
        ]) }} as allocation_id,
        *
    from allocations
)

select * from final
