-- One row per billing month x owner: what its requests cost, what its keys cost beyond them, the shared
-- costs that it bears (or, negative, gave away), and the sum, in the basis of the chargeback. Over all
-- owners shared_cost is 0.
{%- set owners = owner_dimensions() %}
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

moves as (
    select * from {{ ref('fct_shared_cost_moves') }}
),

lines as (
    select
        billing_month,
        {{ owners | join(', ') }},
        case when residual_cause is null then {{ basis_cost() }} else 0 end as direct_cost,
        case when residual_cause is not null then {{ basis_cost() }} else 0 end as residual_cost,
        cast(0 as decimal(38, 12)) as shared_cost
    from allocations
    union all
    select
        billing_month,
        {{ owners | join(', ') }},
        0,
        0,
        amount
    from moves
),

final as (
    select
        billing_month,
        {{ owners | join(', ') }},
        sum(direct_cost) as direct_cost,
        sum(residual_cost) as residual_cost,
        sum(shared_cost) as shared_cost,
        sum(direct_cost) + sum(residual_cost) + sum(shared_cost) as fully_loaded_cost
    from lines
    group by billing_month, {{ owners | join(', ') }}
)

select * from final
