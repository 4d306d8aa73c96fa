-- One row per gateway and deployment seen and period in which a pool of capacity.csv has it. Literal
-- ids before globs, longer globs before shorter, so every instant has at most one pool.
with seen as (
    select distinct source, deployment_id
    from {{ ref('stg_landing__requests') }}
    where deployment_id is not null
),

pools as (
    select
        line,
        pool,
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
        pools.line,
        pools.valid_from,
        pools.valid_to,
        {{ glob_rank('pools.deployments') }} as pattern_rank
    from seen
    inner join pools on {{ glob_match('seen.deployment_id', 'pools.deployments') }}
),

boundaries as (
    select source, deployment_id, valid_from as boundary from candidates
    union
    select source, deployment_id, valid_to from candidates
),

periods as (
    select
        source,
        deployment_id,
        boundary as valid_from,
        lead(boundary) over (partition by source, deployment_id order by boundary) as valid_to
    from boundaries
),

ranked as (
    select
        periods.source,
        periods.deployment_id,
        periods.valid_from,
        periods.valid_to,
        candidates.pool,
        row_number() over (
            partition by periods.source, periods.deployment_id, periods.valid_from
            order by candidates.pattern_rank desc, candidates.line
        ) as pool_rank
    from periods
    inner join candidates
        on
            periods.source = candidates.source
            and periods.deployment_id = candidates.deployment_id
            and candidates.valid_from <= periods.valid_from
            and periods.valid_to <= candidates.valid_to
),

final as (
    select * exclude (pool_rank) from ranked
    where pool_rank = 1
)

select * from final
