-- One row per line of budgets.csv: what a month is expected to take, what it may, and at how much of the expected a
-- warning and a limit stand. The budget itself stands beside: no limit is made of it.
with budgets as (
    select * from {{ source('landing', 'budgets') }}
),

named as (
    select
        *,
        {{ budget_id() }} as budget_id,
        case
            when scope in ('credential', 'team') then 2
            when scope = 'sub_account' then 3
            when scope = 'provider' then 4
            when scope = 'company' then 5
            else 1
        end as control_layer,
        {{ to_pico('expected') }} as expected_pico
    from budgets
),

limited as (
    select
        *,
        {{ at_percent('expected_pico', 'soft_percent') }} as soft_pico,
        {{ at_percent('expected_pico', 'hard_percent') }} as hard_pico
    from named
),

final as (
    select
        budget_id,
        valid_from,
        valid_to,
        scope,
        scope_id,
        environment as only_environment,
        unit,
        cast(control_layer as integer) as control_layer,
        expected,
        budget,
        {{ from_pico('soft_pico') }} as soft_limit,
        {{ from_pico('hard_pico') }} as hard_limit,
        case
            when budget is not null and hard_pico is not null
                then {{ from_pico('greatest(hard_pico - ' ~ to_pico('budget') ~ ', 0)') }}
        end as hard_above_budget
    from limited
)

select * from final
