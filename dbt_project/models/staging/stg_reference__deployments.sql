-- What a gateway's deployment is on the bill, as of a time.
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
        region,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from deployments
)

select * from final
