-- What earlier runs repriced and stored: one row per line of a restatement.
with price_restatements as (
    select * from {{ source('landing', 'price_restatements') }}
),

final as (
    select
        price_restatements.* exclude (restated_at),
        {{ utc('restated_at') }} as restated_at
    from price_restatements
)

select * from final
