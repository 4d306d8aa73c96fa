{{ config(materialized='by_month') }}
-- One row per allocation that matching made: charge x cell, charge x residual cause, or an open cell.
-- Billed money of a charge sums to the charge.
with uses as (
    select * from {{ ref('int_cell_uses') }}
    where charge_id is not null
),

residuals as (
    select * from {{ ref('int_residuals') }}
),

cells as (
    select * from {{ ref('int_cells_in_hand') }}
),

charges as (
    select * from {{ ref('int_charges') }}
),

open_cells as (
    select * from {{ ref('int_open_cells') }}
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
        case when cells.tier_assumed then coalesce(charges.service_tier, cells.service_tier) else cells.service_tier end
            as service_tier,
        cells.context_band,
        cells.region,
        {{ owner_columns('cells') }},
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

-- a period longer than a day has no day: it takes the month's last
residual_days as (
    select
        charge_id,
        case
            when charge_period_end <= charge_period_start + interval 25 hour
                then {{ billed_date('charge_period_start', 'charge_period_end') }}
            else {{ last_of_month('billing_month') }}
        end as usage_date
    from charges
),

residual_rows as (
    select
        residuals.charge_id,
        cast(null as varchar) as cell_id,
        cast(null as varchar) as cell_meter,
        charges.billing_month,
        cast(null as timestamp) as usage_hour,
        residual_days.usage_date,
        residual_days.usage_date as showback_date,
        charges.provider,
        charges.billing_account,
        charges.sub_account,
        residuals.credential_id,
        coalesce(charges.model, '__none__') as model,
        charges.meter,
        charges.service_tier,
        charges.context_band,
        charges.region,
        {{ owner_or_unallocated(credential_owners(), of='residuals') }},
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
    inner join residual_days on residuals.charge_id = residual_days.charge_id
),

allocations as (
    select * from explained
    union all
    select * from open_cells
    union all
    select * from residual_rows
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
