-- One row per gateway x provider x account x day: what the bill charges on the gateway's keys or models and
-- no request explains. A gateway's keys and models are those of its requests and of the charges that they
-- explain; a charge whose key the gateway could know counts by its key, another by its model; of a gateway
-- without requests any charge counts, of the provider and account that its entry says. Charges of more than a
-- day say nothing of a day.
with gateways as (
    select
        source as gateway,
        provider,
        billing_account
    from {{ source('landing', 'sources') }}
    where kind = 'gateway'
),

allocations as not materialized (
    select * from {{ ref('int_allocations') }}
),

cells as not materialized (
    select * from {{ ref('int_cells') }}
),

unexplained as (
    select
        allocations.provider,
        allocations.billing_account,
        allocations.billing_month,
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
        allocations.billing_month,
        allocations.usage_date,
        allocations.credential_id,
        allocations.model
),

-- where all is explained nobody asks whose a charge could be
unexplained_accounts as (
    select distinct provider, billing_account from unexplained
),

uses_together as (
    select
        gateways,
        provider,
        billing_account,
        credential_id,
        model
    from cells
    union
    select
        cells.gateways,
        allocations.provider,
        allocations.billing_account,
        allocations.credential_id,
        allocations.model
    from allocations
    inner join unexplained_accounts
        on
            allocations.provider = unexplained_accounts.provider
            and allocations.billing_account = unexplained_accounts.billing_account
    inner join cells on allocations.cell_id = cells.cell_id
),

uses as (
    select distinct
        {{ each_text('gateways') }} as gateway,
        provider,
        billing_account,
        credential_id,
        model
    from uses_together
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

final as (
    select
        gateways.gateway,
        unexplained.provider,
        unexplained.billing_account,
        unexplained.billing_month,
        unexplained.usage_date,
        cast(sum(unexplained.pico) as decimal(38, 0)) as uncovered_pico
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
        (
            used.gateway is null
            and coalesce(gateways.provider, unexplained.provider) = unexplained.provider
            and coalesce(gateways.billing_account, unexplained.billing_account) = unexplained.billing_account
        )
        or gateway_keys.gateway is not null
        or (key_accounts.gateway is null and gateway_models.gateway is not null)
    group by
        gateways.gateway,
        unexplained.provider,
        unexplained.billing_account,
        unexplained.billing_month,
        unexplained.usage_date
)

select * from final
