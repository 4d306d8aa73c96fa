-- One row per provider, raw model name and period: the model that it is, and who says so. models.csv
-- goes first for as long as a line is valid, literal names before globs, longer globs before
-- shorter; else public lists, else a model that prices.csv prices, else the name as logged.
with named as (
    select * from {{ ref('stg_landing__model_names') }}
),

overrides as (
    select * from {{ ref('stg_reference__models') }}
),

house_models as (
    select
        provider,
        lower(trim(model)) as raw_model,
        min(model) as model
    from {{ ref('stg_reference__prices') }}
    group by provider, lower(trim(model))
),

listed as (
    select
        named.provider,
        named.raw_model,
        named.first_seen,
        case when named.source = 'as_logged' then coalesce(house_models.model, named.model) else named.model end
            as model,
        case
            when named.source = 'as_logged' and house_models.model is not null then 'prices.csv'
            else named.source
        end as source
    from named
    left join house_models
        on named.provider = house_models.provider and named.model = house_models.raw_model
),

-- a line may name its model as a log would: `gpt-4o-2024-08-06` is gpt-4o there too
candidates as (
    select
        listed.provider,
        listed.raw_model,
        case when known.source <> 'as_logged' then known.model else overrides.model end as model,
        overrides.valid_from,
        overrides.valid_to,
        overrides.line,
        {{ glob_rank('overrides.raw_model') }} as pattern_rank
    from listed
    inner join overrides
        on
            listed.provider = overrides.provider
            and {{ glob_match('listed.raw_model', 'overrides.raw_model') }}
    left join listed as known
        on
            overrides.provider = known.provider
            and lower(trim(overrides.model)) = known.raw_model
),

boundaries as (
    select provider, raw_model, timestamp '0001-01-01' as boundary from listed
    union
    select provider, raw_model, timestamp '9999-12-31' from listed
    union
    select provider, raw_model, valid_from from candidates
    union
    select provider, raw_model, valid_to from candidates
),

periods as (
    select
        provider,
        raw_model,
        boundary as valid_from,
        lead(boundary) over (partition by provider, raw_model order by boundary) as valid_to
    from boundaries
),

ranked as (
    select
        periods.provider,
        periods.raw_model,
        periods.valid_from,
        periods.valid_to,
        candidates.model,
        row_number() over (
            partition by periods.provider, periods.raw_model, periods.valid_from
            order by candidates.pattern_rank desc nulls last, candidates.line
        ) as candidate_rank
    from periods
    left join candidates
        on
            periods.provider = candidates.provider
            and periods.raw_model = candidates.raw_model
            and candidates.valid_from <= periods.valid_from
            and periods.valid_to <= candidates.valid_to
    where periods.valid_to is not null
),

final as (
    select
        listed.provider,
        listed.raw_model,
        ranked.valid_from,
        ranked.valid_to,
        coalesce(ranked.model, listed.model) as model,
        case when ranked.model is not null then 'models.csv' else listed.source end as source,
        listed.first_seen
    from ranked
    inner join listed
        on ranked.provider = listed.provider and ranked.raw_model = listed.raw_model
    where ranked.candidate_rank = 1
)

select * from final
