-- One row per billing month x account of provider `own` (pool of capacity.csv, or cluster of OpenCost): its
-- tokens, its money, and what a million of them cost on two bases, with and without what nobody used.
with allocations as (
    select * from {{ ref('int_matched_allocations') }}
    where provider = 'own'
),

cells as (
    select * from {{ ref('int_cells') }}
    where provider = 'own' and usage_date >= (select since from {{ ref('int_since') }})
),

cell_meters as (
    select * from {{ ref('int_cell_meters') }}
    where {{ is_token_meter('meter') }}
),

tokens as (
    select
        {{ first_of_month('cells.usage_date') }} as billing_month,
        cells.billing_account,
        cast(sum(cell_meters.quantity) as decimal(38, 0)) as tokens
    from cells
    inner join cell_meters on cells.cell_id = cell_meters.cell_id
    group by 1, 2
),

money as (
    select
        billing_month,
        billing_account,
        cast(sum(case when residual_cause is null then billed_pico else 0 end) as decimal(38, 0)) as used_pico,
        cast(
            sum(case when residual_cause = 'idle_capacity' then billed_pico else 0 end) as decimal(38, 0)
        ) as idle_pico,
        cast(sum(billed_pico) as decimal(38, 0)) as total_pico
    from allocations
    group by billing_month, billing_account
),

-- NULL where there is none to divide by
joined as (
    select
        money.*,
        coalesce(tokens.tokens, 0) as tokens,
        nullif(tokens.tokens, 0) as tokens_used
    from money
    left join tokens
        on money.billing_month = tokens.billing_month and money.billing_account = tokens.billing_account
),

final as (
    select
        billing_month,
        billing_account,
        tokens,
        {{ from_pico('used_pico') }} as used_cost,
        {{ from_pico('idle_pico') }} as idle_cost,
        {{ from_pico('total_pico') }} as total_cost,
        {{ from_pico(split_floor('used_pico', '1000000', 'tokens_used')) }} as used_cost_per_million,
        {{ from_pico(split_floor('total_pico', '1000000', 'tokens_used')) }} as total_cost_per_million
    from joined
)

select * from final
