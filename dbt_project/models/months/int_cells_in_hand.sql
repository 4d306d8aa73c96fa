-- One row per cell of the months in hand and of the days beside them.
with cells as (
    select * from {{ ref('int_cells') }}
),

days as (
    select distinct
        {{ each_day(
            "cast(billing_month - interval 1 day as date)", "cast(billing_month + interval 1 month + interval 1 day as date)"
        ) }} as usage_date
    from {{ ref('int_months_in_hand') }}
),

final as (
    select cells.*
    from cells
    inner join days on cells.usage_date = days.usage_date
)

select * from final
