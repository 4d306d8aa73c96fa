-- Fails if money or quantity of a use or a residual is not in the allocations, or the other way.
with expected as (
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
    group by 1
)

select expected.*
from expected
left join found on expected.kind = found.kind
where
    coalesce(expected.pico, 0) <> coalesce(found.pico, 0)
    or coalesce(expected.quantity, 0) <> coalesce(found.quantity, 0)
    or expected.lines <> coalesce(found.lines, 0)
