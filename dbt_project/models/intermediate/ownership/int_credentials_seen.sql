-- One row per source and credential that logs or bills name: gateway keys and their aliases under
-- the gateway, provider keys and projects or workspaces under the bill.
with requests as (
    select source, gateway_key_id, gateway_key_alias from {{ ref('stg_landing__requests') }}
),

deployments as (
    select * from {{ ref('int_deployments_resolved') }}
),

charges as (
    select source, credential_id, sub_account_id from {{ ref('stg_landing__charges') }}
),

usage as (
    select source, credential_id, sub_account_id from {{ ref('stg_landing__provider_usage') }}
),

bills as (
    select source, provider, billing_account from {{ ref('stg_landing__sources') }}
    where kind = 'bill' and role = 'bill'
),

final as (
    select source, gateway_key_id as credential_id from requests
    union
    select source, gateway_key_alias from requests
    union
    select source, credential_id from charges
    union
    select source, sub_account_id from charges
    union
    select source, credential_id from usage
    union
    select source, sub_account_id from usage
    union
    select bills.source, deployments.provider_credential_id
    from deployments
    inner join bills on deployments.provider = bills.provider
    union
    select bills.source, deployments.sub_account
    from deployments
    inner join bills on deployments.provider = bills.provider
)

select * from final
where credential_id is not null
