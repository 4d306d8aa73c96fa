-- Tier and plan of a customer, or of all that a glob names, as of a time.
with customers as (
    select * from {{ source('landing', 'customers') }}
),

final as (
    select
        line,
        customer_id,
        tier,
        plan,
        converted,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from customers
)

select * from final
