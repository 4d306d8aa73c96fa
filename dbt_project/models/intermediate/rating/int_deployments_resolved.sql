-- One row per gateway and deployment seen in the logs that deployments.csv knows: what it is on the
-- bill. Literal ids before globs, longer globs before shorter.
with seen as (
    select distinct source, deployment_id
    from {{ ref('stg_landing__requests') }}
    where deployment_id is not null
),

deployments as (
    select * from {{ ref('stg_reference__deployments') }}
),

ranked as (
    select
        seen.source,
        seen.deployment_id,
        deployments.provider,
        deployments.billing_account,
        deployments.sub_account,
        deployments.provider_credential_id,
        deployments.region,
        row_number() over (
            partition by seen.source, seen.deployment_id
            order by {{ glob_rank('deployments.deployment_id') }} desc, deployments.line
        ) as pattern_rank
    from seen
    inner join deployments
        on
            seen.source = deployments.gateway
            and {{ glob_match('seen.deployment_id', 'deployments.deployment_id') }}
),

final as (
    select * exclude (pattern_rank) from ranked
    where pattern_rank = 1
)

select * from final
