{{ config(post_hook="{{ forget_months_built() }}") }}
-- One row per billing month that this build makes: what it reads is not what it was built from.
{%- set built = months_built() %}
with month_inputs as (
    select * from {{ ref('int_month_inputs') }}
),

final as (
    select month_inputs.*
    from month_inputs
    {%- if built is not none %}
    left join {{ built }} as months_built
        on
            month_inputs.billing_month = months_built.billing_month
            and month_inputs.month_hash = months_built.month_hash
    where months_built.billing_month is null
    {%- endif %}
)

select * from final
