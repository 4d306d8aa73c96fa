-- Fails if the standing rows of a bill and its charges differ in number or money.
with rows_standing as (
    select
        source,
        count(*) as lines,
        sum(billed_cost_in_billing_currency) as billed_cost
    from {{ ref('stg_landing__charges') }}
    group by source
),

charges as (
    select
        source,
        count(*) as lines,
        sum(billed_cost) as billed_cost
    from {{ ref('fct_charges') }}
    where source not in ('invoices.csv', 'capacity.csv')
    group by source
)

select *
from rows_standing
full outer join charges using (source)
where
    rows_standing.lines is distinct from charges.lines
    or rows_standing.billed_cost is distinct from charges.billed_cost
