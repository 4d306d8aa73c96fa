-- Which model a raw name is, as of a time: the workspace's word, before that of public lists.
with models as (
    select * from {{ source('landing', 'models') }}
),

final as (
    select
        line,
        provider,
        lower(trim(raw_model)) as raw_model,
        model,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from models
)

select * from final
