-- Spellings of owner names and the one that counts.
with aliases as (
    select * from {{ source('landing', 'aliases') }}
),

final as (
    select
        dimension,
        raw,
        value
    from aliases
)

select * from final
