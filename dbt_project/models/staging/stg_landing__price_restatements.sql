-- What earlier runs repriced and stored: one row per line of a restatement.
with price_restatements as (
    select * from {{ source('landing', 'price_restatements') }}
),

final as (
    select
        {{ all_but('restated_at', of='price_restatements') }},
        {{ utc('restated_at') }} as restated_at
    from price_restatements
)

select * from final
