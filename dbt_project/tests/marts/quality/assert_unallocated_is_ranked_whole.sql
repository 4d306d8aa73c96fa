-- Fails if mart_unallocated does not hold, per month and dimension, exactly the money of
-- allocations without an owner.
with allocations as (
    select * from {{ ref('int_allocations') }}
),

expected as (
    {%- for dimension in accountable_owners() %}
    select
        '{{ dimension }}' as dimension,
        billing_month,
        {{ from_pico('sum(billed_pico + coalesce(estimated_pico, 0))') }} as cost
    from allocations
    where {{ dimension }} = '__unallocated__'
    group by billing_month
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

found as (
    select
        dimension,
        billing_month,
        sum(cost) as cost
    from {{ ref('mart_unallocated') }}
    group by dimension, billing_month
)

select
    coalesce(expected.dimension, found.dimension) as dimension,
    coalesce(expected.billing_month, found.billing_month) as billing_month
from expected
full outer join found
    on expected.dimension = found.dimension and expected.billing_month = found.billing_month
where coalesce(expected.cost, 0) <> coalesce(found.cost, 0)
