{{ config(pre_hook={'sql': '{{ forget_stale_months() }}', 'transaction': False}) }}
-- One row per billing month that this build makes: those that are not built as they are now.
with final as (
    select
        month_inputs.billing_month,
        month_inputs.month_hash
    from {{ ref('int_month_inputs') }} as month_inputs
    left join {{ source('built', 'built_months') }} as built_months
        on
            month_inputs.billing_month = built_months.billing_month
            and month_inputs.month_hash = built_months.month_hash
    where built_months.billing_month is null
)

select * from final
