{{ config(materialized='view') }}
-- One row per allocation: what matching made, and what payments for commitments are spread to. Billed
-- money of a charge sums to the charge. effective_pico is the money of the month whose usage it pays for;
-- only payments for commitments have another one than the invoice says.
with matched as (
    select * from {{ ref('int_matched_allocations') }}
),

commitments as (
    select * from {{ ref('int_commitment_allocations') }}
),

final as (
    select
        *,
        billed_pico as effective_pico
    from matched
    union all
    select * from commitments
)

select * from final
