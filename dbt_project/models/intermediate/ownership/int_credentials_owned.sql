-- One row per credential seen and period: its owner as of then. Literal ids before globs, longer
-- globs before shorter, so every instant has at most one owner.
with seen as (
    select * from {{ ref('int_credentials_seen') }}
),

credentials as (
    select * from {{ ref('stg_reference__credentials') }}
),

candidates as (
    select
        seen.source,
        seen.credential_id,
        credentials.team_id as team,
        credentials.feature,
        credentials.environment,
        credentials.valid_from,
        credentials.valid_to,
        credentials.line,
        {{ glob_rank('credentials.credential_id') }} as pattern_rank
    from seen
    inner join credentials
        on
            seen.source = credentials.source
            and {{ glob_match('seen.credential_id', 'credentials.credential_id') }}
),

boundaries as (
    select source, credential_id, valid_from as boundary from candidates
    union
    select source, credential_id, valid_to from candidates
),

periods as (
    select
        source,
        credential_id,
        boundary as valid_from,
        lead(boundary) over (partition by source, credential_id order by boundary) as valid_to
    from boundaries
),

ranked as (
    select
        periods.source,
        periods.credential_id,
        periods.valid_from,
        periods.valid_to,
        candidates.team,
        candidates.feature,
        candidates.environment,
        row_number() over (
            partition by periods.source, periods.credential_id, periods.valid_from
            order by candidates.pattern_rank desc, candidates.line
        ) as owner_rank
    from periods
    inner join candidates
        on
            periods.source = candidates.source
            and periods.credential_id = candidates.credential_id
            and candidates.valid_from <= periods.valid_from
            and periods.valid_to <= candidates.valid_to
),

final as (
    select * exclude (owner_rank) from ranked
    where owner_rank = 1
)

select * from final
