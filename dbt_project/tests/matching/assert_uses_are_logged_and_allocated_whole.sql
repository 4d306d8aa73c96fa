-- Fails if the uses of a cell's meter in hand do not sum to its quantity and costs, if money or quantity of a
-- use or a residual is not in the allocations, or the other way, or if a day's allocations, of whatever month, do not
-- have what was logged on it.
with uses as (
    select
        cell_id,
        cell_meter,
        sum(quantity) as quantity,
        sum(list_pico) as list_pico,
        sum(contracted_pico) as contracted_pico
    from {{ ref('int_cell_uses') }}
    where not {{ is_over_midnight() }}
    group by cell_id, cell_meter
),

logged as (
    select * from {{ ref('int_cell_meters_in_hand') }}
),

expected as (
    select 'requests' as kind, sum(billed_pico) as pico, sum(quantity) as quantity, count(*) as lines
    from {{ ref('int_cell_uses') }}
    union all
    select 'residual', sum(billed_pico), sum(quantity), count(*)
    from {{ ref('int_residuals') }}
),

found as (
    select
        case when cell_id is not null then 'requests' else 'residual' end as kind,
        sum(billed_pico) as pico,
        sum(quantity) as quantity,
        count(*) as lines
    from {{ ref('int_matched_allocations') }}
    where {{ is_of_months_in_hand() }}
    group by 1
),

days_logged as (
    select
        usage_date,
        sum(quantity) as quantity,
        sum(list_cost_pico) as list_pico,
        sum(contracted_cost_pico) as contracted_pico
    from {{ ref('int_cell_meters') }}
    group by usage_date
),

days_allocated as (
    select
        usage_date,
        sum(quantity) as quantity,
        sum(list_pico) as list_pico,
        sum(contracted_pico) as contracted_pico
    from {{ ref('int_matched_allocations') }}
    where cell_id is not null
    group by usage_date
)

select 'uses are not what was logged: cell ' || coalesce(uses.cell_id, logged.cell_id) as problem
from uses
full outer join logged on uses.cell_id = logged.cell_id and uses.cell_meter = logged.meter
where
    uses.quantity is distinct from logged.quantity
    or uses.list_pico is distinct from logged.list_cost_pico
    or uses.contracted_pico is distinct from logged.contracted_cost_pico
union all
select 'allocations are not all there: ' || expected.kind
from expected
left join found on expected.kind = found.kind
where
    coalesce(expected.pico, 0) <> coalesce(found.pico, 0)
    or coalesce(expected.quantity, 0) <> coalesce(found.quantity, 0)
    or expected.lines <> coalesce(found.lines, 0)
union all
select 'allocations are not what was logged: day ' || coalesce(days_allocated.usage_date, days_logged.usage_date)
from days_allocated
full outer join days_logged on days_allocated.usage_date = days_logged.usage_date
where
    days_allocated.quantity is distinct from days_logged.quantity
    or days_allocated.list_pico is distinct from days_logged.list_pico
    or days_allocated.contracted_pico is distinct from days_logged.contracted_pico
