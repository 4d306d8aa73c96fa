-- Raw model names, trimmed and in lower case, and the model that public lists say they are.
-- first_seen is NULL for a name that models.csv alone has.
with model_names as (
    select * from {{ source('landing', 'model_names') }}
),

final as (
    select
        provider,
        raw_model,
        model,
        source,
        {{ utc('first_seen') }} as first_seen
    from model_names
)

select * from final
