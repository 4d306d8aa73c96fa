-- One row per gateway x UTC day of the months that logs, bills or lost records are of: records that landed,
-- whether the day lies between days with records, what the bill charges on that day on the gateway's keys or
-- models and no request explains, and which line of accepted_losses.csv accepts its loss. A gateway's keys
-- and models are those of its requests and of the charges that they explain; a charge whose key the gateway
-- could know counts by its key, another by its model; of a gateway without requests any charge counts.
-- Charges of more than a day say nothing of a day.
with gateways as (
    select source as gateway from {{ ref('stg_landing__sources') }}
    where kind = 'gateway'
),

landed_by_object as (
    select
        source,
        batch,
        object_no,
        cast(used_at as date) as usage_date,
        count(distinct record_no) as records
    from {{ ref('stg_landing__requests') }}
    group by source, batch, object_no, cast(used_at as date)
),

landed as (
    select
        source as gateway,
        usage_date,
        cast(sum(records) as bigint) as records
    from landed_by_object
    group by source, usage_date
),

spans as (
    select
        gateway,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from landed
    group by gateway
),

allocations as (
    select * from {{ ref('int_allocations') }}
),

cells as (
    select distinct
        source as gateway,
        cell_id
    from {{ ref('int_requests') }}
),

uses as (
    select
        cells.gateway,
        logged.provider,
        logged.billing_account,
        logged.credential_id,
        logged.model
    from cells
    inner join {{ ref('int_cells') }} as logged on cells.cell_id = logged.cell_id
    union
    select
        cells.gateway,
        allocations.provider,
        allocations.billing_account,
        allocations.credential_id,
        allocations.model
    from cells
    inner join allocations on cells.cell_id = allocations.cell_id
),

gateway_keys as (
    select distinct gateway, provider, billing_account, credential_id from uses
    where credential_id is not null
),

key_accounts as (
    select distinct gateway, provider, billing_account from gateway_keys
),

gateway_models as (
    select distinct gateway, provider, billing_account, model from uses
),

used as (
    select distinct gateway from uses
),

unexplained as (
    select
        allocations.provider,
        allocations.billing_account,
        allocations.usage_date,
        allocations.credential_id,
        allocations.model,
        sum(allocations.billed_pico) as pico
    from allocations
    inner join {{ ref('int_charges') }} as charges on allocations.charge_id = charges.charge_id
    where
        allocations.residual_cause in ('outside_gateway', 'unlogged_usage')
        and charges.charge_period_end <= charges.charge_period_start + interval 25 hour
    group by
        allocations.provider,
        allocations.billing_account,
        allocations.usage_date,
        allocations.credential_id,
        allocations.model
),

uncovered as (
    select
        gateways.gateway,
        unexplained.usage_date,
        sum(unexplained.pico) as pico
    from unexplained
    cross join gateways
    left join gateway_keys
        on
            gateways.gateway = gateway_keys.gateway
            and unexplained.provider = gateway_keys.provider
            and unexplained.billing_account = gateway_keys.billing_account
            and unexplained.credential_id = gateway_keys.credential_id
    left join key_accounts
        on
            gateways.gateway = key_accounts.gateway
            and unexplained.provider = key_accounts.provider
            and unexplained.billing_account = key_accounts.billing_account
            and unexplained.credential_id is not null
    left join gateway_models
        on
            gateways.gateway = gateway_models.gateway
            and unexplained.provider = gateway_models.provider
            and unexplained.billing_account = gateway_models.billing_account
            and unexplained.model = gateway_models.model
    left join used on gateways.gateway = used.gateway
    where
        used.gateway is null
        or gateway_keys.gateway is not null
        or (key_accounts.gateway is null and gateway_models.gateway is not null)
    group by gateways.gateway, unexplained.usage_date
),

months as (
    select billing_month from allocations
    union
    select {{ first_of_month('usage_date') }} from landed
    union
    select {{ first_of_month('first_day') }} from {{ ref('stg_landing__quarantine') }}
    where kind = 'gateway' and first_day is not null
    union
    select {{ first_of_month('last_day') }} from {{ ref('stg_landing__quarantine') }}
    where kind = 'gateway' and last_day is not null
),

days as (
    select
        billing_month,
        {{ each_day('billing_month', 'billing_month + interval 1 month') }} as usage_date
    from months
),

accepted as (
    select
        days.usage_date,
        losses.gateway,
        min(losses.line) as accepted_line
    from days
    inner join {{ ref('stg_reference__accepted_losses') }} as losses
        on losses.accepted_from <= days.usage_date and days.usage_date < losses.accepted_to
    group by days.usage_date, losses.gateway
),

final as (
    select
        gateways.gateway,
        days.usage_date,
        days.billing_month,
        coalesce(landed.records, 0) as records,
        spans.gateway is not null as has_records,
        spans.first_day < days.usage_date and days.usage_date < spans.last_day as is_between,
        {{ from_pico('coalesce(uncovered.pico, 0)') }} as uncovered_cost,
        accepted.accepted_line
    from gateways
    cross join days
    left join landed on gateways.gateway = landed.gateway and days.usage_date = landed.usage_date
    left join spans on gateways.gateway = spans.gateway
    left join uncovered
        on gateways.gateway = uncovered.gateway and days.usage_date = uncovered.usage_date
    left join accepted on gateways.gateway = accepted.gateway and days.usage_date = accepted.usage_date
)

select * from final
