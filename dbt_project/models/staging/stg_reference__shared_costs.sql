-- One row per rule of shared_costs.csv.
with rules as (
    select * from {{ source('landing', 'shared_costs') }}
),

final as (
    select
        line,
        priority,
        match,
        method,
        basis,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from rules
)

select * from final
