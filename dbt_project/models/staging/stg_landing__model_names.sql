-- Raw model names and the model they are.
with model_names as (
    select * from {{ source('landing', 'model_names') }}
),

final as (
    select
        provider,
        raw_model,
        model,
        source
    from model_names
)

select * from final
