-- One row per gateway, deployment seen in the logs and period in which deployments.csv knows it: what it is
-- on the bill, and the line that says so. A request without a deployment is one whose id is empty, which `*` alone matches. Literal
-- ids before globs, longer globs before shorter, so every instant has at most one row.
with seen as (
    select distinct
        source,
        coalesce(deployment_id, '') as deployment_id
    from {{ source('landing', 'request_names') }}
),

deployments as (
    select * from {{ source('landing', 'deployments') }}
),

candidates as (
    select
        seen.source,
        seen.deployment_id,
        deployments.provider,
        deployments.billing_account,
        deployments.sub_account,
        deployments.provider_credential_id,
        deployments.region,
        deployments.line,
        deployments.valid_from,
        deployments.valid_to,
        {{ glob_rank('deployments.deployment_id') }} as pattern_rank
    from seen
    inner join deployments
        on
            seen.source = deployments.gateway
            and {{ glob_match('seen.deployment_id', 'deployments.deployment_id') }}
),

resolved as (
    {{ first_of_each_period(
        'candidates', ['source', 'deployment_id'], ['pattern_rank desc', 'line']
    ) }}
),

final as (
    select {{ all_but('pattern_rank') }} from resolved
)

select * from final
