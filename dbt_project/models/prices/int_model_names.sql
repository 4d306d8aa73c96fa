-- One row per provider, raw model name and period: the model that it is, and who says so. models.csv
-- goes first for as long as a line is valid, literal names before globs, longer globs before
-- shorter; else public lists, else a model that prices.csv prices, else the name as logged.
with named as (
    select * from {{ source('landing', 'model_names') }}
),

overrides as (
    select
        line,
        provider,
        lower(trim(raw_model)) as raw_model,
        model,
        valid_from,
        valid_to
    from {{ source('landing', 'models') }}
),

house_models as (
    select
        provider,
        lower(trim(model)) as raw_model,
        min(model) as model
    from {{ source('landing', 'prices') }}
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
        'models.csv' as source,
        listed.first_seen,
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
    union all
    select
        provider,
        raw_model,
        model,
        source,
        first_seen,
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to,
        null as line,
        null as pattern_rank
    from listed
),

decided as (
    {{ first_of_each_period(
        'candidates', ['provider', 'raw_model'], ['pattern_rank desc', 'line']
    ) }}
),

final as (
    select {{ all_but('pattern_rank, line') }} from decided
)

select * from final
