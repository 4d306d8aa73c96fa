-- One row per commitment and period of commitments.csv.
with commitments as (
    select * from {{ source('landing', 'commitments') }}
),

final as (
    select
        line,
        commitment_id,
        provider,
        kind,
        scope,
        committed_amount,
        period,
        discount_percent,
        overage_percent,
        owner,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from commitments
)

select * from final
