{{ config(materialized='view') }}
-- One row per request and meter x allocation of its cell: its exact share by quantity. Shares of an
-- allocation sum to it. An estimate of usage without a price is NULL: unknown is not free. What a cell has
-- of a payment for a commitment is effective money, and billed money either as much or none.
with request_meters as (
    select * from {{ ref('fct_request_meters') }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null
),

final as (
    {{ shares_of_requests('request_meters', 'allocations') }}
)

select * from final
