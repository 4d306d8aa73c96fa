-- Tier and plan of a customer, as of a time.
with customers as (
    select * from {{ source('landing', 'customers') }}
),

final as (
    select
        customer_id,
        tier,
        plan,
        converted,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from customers
)

select * from final
