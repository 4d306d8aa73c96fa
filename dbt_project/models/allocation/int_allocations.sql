{{ config(materialized='view') }}
-- One row per allocation: what matching made, and what payments for commitments are spread to,
-- and who holds seats. Billed money of a charge sums to the charge. effective_pico is the money of the month whose usage it pays for;
-- only payments for commitments have another one than the invoice says.
with matched as (
    select * from {{ ref('int_matched_allocations') }}
),

commitments as (
    select * from {{ ref('int_commitment_allocations') }}
),

seats as (
    select {{ all_but('seat_product, seat_plan') }} from {{ ref('int_seat_allocations') }}
),

final as (
    select
        *,
        billed_pico as effective_pico
    from matched
    union all
    select * from commitments
    union all
    select * from seats
)

select * from final
