{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x showback month x owner x unit (docs/decisions.md, 139), and of a `user` x user (the customer,
-- else the user, that requests name) x the row of customers.csv that stands for it, of a `run` x agent x workflow x what
-- a run of the day cost, to two digits. Its requests, and their cost by contract, else by list, of those whose price is
-- known.
with requests as (
    select * from {{ ref('int_requests') }}
),

costs as (
    select * from {{ ref('int_request_costs') }}
),

-- of all requests: where few seem to be asked for, an engine builds the join's table of them and not of costs
costed as (
    select
        requests.usage_date,
        requests.day_hash,
        {{ first_of_month('requests.showback_date') }} as showback_month,
        {{ owner_columns('requests') }},
        coalesce(requests.customer_id, requests.user_id) as used_by,
        requests.customer,
        requests.agent,
        requests.workflow,
        requests.run_id,
        case when requests.is_tool_call then 0 else 1 end as is_request,
        {{ known_cost('requests', 'costs') }} as cost_pico
    from requests
    left join costs on requests.request_key = costs.request_key
),

users as (
    select
        usage_date,
        day_hash,
        showback_month,
        {{ owner_columns() }},
        used_by,
        customer,
        cast(sum(is_request) as bigint) as requests,
        cast(coalesce(sum(cost_pico), 0) as decimal(38, 0)) as cost_pico,
        count(*) - count(cost_pico) as requests_unpriced
    from costed
    where used_by is not null
    group by usage_date, day_hash, showback_month, {{ owner_columns() }}, used_by, customer
),

runs as (
    select
        usage_date,
        day_hash,
        showback_month,
        {{ owner_columns() }},
        agent,
        workflow,
        run_id,
        cast(sum(is_request) as bigint) as requests,
        cast(coalesce(sum(cost_pico), 0) as decimal(38, 0)) as cost_pico,
        count(*) - count(cost_pico) as requests_unpriced
    from costed
    where run_id is not null or agent is not null or workflow is not null
    group by usage_date, day_hash, showback_month, {{ owner_columns() }}, agent, workflow, run_id
),

-- many runs cost much the same: what is kept of a day does not grow with them
sized as (
    select
        *,
        case
            when run_id is not null and requests_unpriced = 0 then {{ two_digits('cost_pico') }}
        end as run_cost_pico
    from runs
),

final as (
    select
        usage_date,
        day_hash,
        showback_month,
        {{ owner_columns() }},
        'user' as unit,
        used_by,
        customer,
        cast(null as string) as agent,
        cast(null as string) as workflow,
        cast(null as decimal(38, 0)) as run_cost_pico,
        cast(0 as bigint) as runs,
        requests,
        cost_pico,
        requests_unpriced
    from users
    union all
    select
        usage_date,
        day_hash,
        showback_month,
        {{ owner_columns() }},
        'run' as unit,
        cast(null as string) as used_by,
        cast(null as string) as customer,
        agent,
        workflow,
        run_cost_pico,
        count(run_id) as runs,
        cast(sum(requests) as bigint) as requests,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced
    from sized
    group by usage_date, day_hash, showback_month, {{ owner_columns() }}, agent, workflow, run_cost_pico
)

select * from final
