-- What a gateway's deployment is on the bill.
with deployments as (
    select * from {{ source('landing', 'deployments') }}
),

final as (
    select
        line,
        gateway,
        deployment_id,
        provider,
        billing_account,
        sub_account,
        provider_credential_id,
        region
    from deployments
)

select * from final
