-- depends_on: {{ ref('stg_landing__objects') }} {{ ref('int_calls_told_twice') }} {{ ref('int_request_contexts') }}
-- One row per customer that requests of the files in hand name and period in which customers.csv knows it: the row
-- that stands for it. Literal ids before globs, longer globs before shorter, so every instant has at most one row.
with seen as (
    select distinct customer_id
    from {{ requests_and_tool_calls(ref('stg_landing__requests_in_hand'), ref('int_request_contexts')) }} as requests
    where customer_id is not null
),

customers as (
    select
        *,
        {{ glob_rank('customer_id') }} as pattern_rank
    from {{ source('landing', 'customers') }}
),

-- a literal is joined by equality: there may be as many as the company has customers
candidates as (
    select
        seen.customer_id,
        customers.customer_id as customer,
        {{ owner_columns('customers', dimensions=customer_owners()) }},
        customers.converted,
        customers.line,
        customers.pattern_rank,
        customers.valid_from,
        customers.valid_to
    from seen
    inner join customers on seen.customer_id = customers.customer_id
    union
    select
        seen.customer_id,
        globs.customer_id as customer,
        {{ owner_columns('globs', dimensions=customer_owners()) }},
        globs.converted,
        globs.line,
        globs.pattern_rank,
        globs.valid_from,
        globs.valid_to
    from seen
    inner join (select * from customers where instr(customer_id, '*') > 0) as globs
        on {{ glob_match('seen.customer_id', 'globs.customer_id') }}
),

resolved as (
    {{ first_of_each_period('candidates', ['customer_id'], ['pattern_rank desc', 'line']) }}
),

final as (
    select {{ all_but('pattern_rank, line') }} from resolved
)

select * from final
