-- One row per gateway and deployment seen and period in which a pool of capacity.csv has it. Literal
-- ids before globs, longer globs before shorter, so every instant has at most one pool.
with seen as (
    select distinct source, deployment_id
    from {{ source('landing', 'request_names') }}
    where deployment_id is not null
),

pools as (
    select
        line,
        pool,
        provider,
        billing_account,
        {{ each_text('deployments') }} as deployments,
        valid_from,
        valid_to
    from {{ ref('stg_reference__capacity') }}
),

candidates as (
    select
        seen.source,
        seen.deployment_id,
        pools.pool,
        pools.provider,
        pools.billing_account,
        pools.line,
        pools.valid_from,
        pools.valid_to,
        {{ glob_rank('pools.deployments') }} as pattern_rank
    from seen
    inner join pools on {{ glob_match('seen.deployment_id', 'pools.deployments') }}
),

pooled as (
    {{ first_of_each_period(
        'candidates', ['source', 'deployment_id'], ['pattern_rank desc', 'line']
    ) }}
),

final as (
    select {{ all_but('pattern_rank, line') }} from pooled
)

select * from final
