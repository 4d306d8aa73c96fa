-- One row per part of a charge of the months in hand.
with parts as (
    select * from {{ ref('int_charge_parts') }}
),

final as (
    select * from parts
    where {{ is_of_months_in_hand() }}
)

select * from final
