-- One row per line of accepted_losses.csv: days of a gateway, half-open, whose lost logs a person accepts.
with accepted_losses as (
    select * from {{ source('landing', 'accepted_losses') }}
),

final as (
    select
        line,
        gateway,
        "from" as accepted_from,
        "to" as accepted_to,
        "by" as accepted_by,
        reason
    from accepted_losses
)

select * from final
