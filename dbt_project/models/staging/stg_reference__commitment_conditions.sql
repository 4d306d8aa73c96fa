-- One row per condition of a commitment's scope: the field of usage, and the glob (lower case) it
-- must be like.
with conditions as (
    select * from {{ source('landing', 'commitment_conditions') }}
),

final as (
    select
        line,
        condition_no,
        field,
        pattern
    from conditions
)

select * from final
