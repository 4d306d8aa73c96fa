-- One row per source and credential that logs or bills name: gateway keys and their aliases under
-- the gateway, provider keys and projects or workspaces under the bill. What a log, deployments.csv or a
-- gateway's entry says of a provider's key is under every bill, so that a request's owner never waits for its
-- bill.
with requests as (
    select * from {{ source('landing', 'request_names') }}
),

provider_keys as (
    select credential_hint as credential_id from requests
    union
    select sub_account_hint from requests
    union
    select provider_credential_id from {{ ref('int_deployments_resolved') }}
    union
    select sub_account from {{ ref('int_deployments_resolved') }}
    union
    select credential_id from {{ source('landing', 'sources') }}
    union
    select sub_account from {{ source('landing', 'sources') }}
),

charges as (
    select source, credential_id, sub_account_id from {{ ref('stg_landing__charges') }}
),

usage as (
    select source, credential_id, sub_account_id from {{ ref('stg_landing__provider_usage') }}
),

bills as (
    select source from {{ source('landing', 'sources') }}
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
    select bills.source, provider_keys.credential_id
    from provider_keys
    cross join bills
)

select * from final
where credential_id is not null
