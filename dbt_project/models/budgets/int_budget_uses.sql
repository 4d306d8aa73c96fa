-- One row per budget, UTC hour, feature and model of use in its scope: how much of the budget's unit, and requests.
-- Money is what is billed, and what is estimated where no bill is there yet; units are what was logged. Money without an
-- hour stands in the last of its day, before the newest hour with requests at most. Of a gateway's key it is its part of each cell's, by meter.
with targets as (
    select distinct
        {{ budget_id() }} as budget_id,
        scope,
        scope_id,
        environment as only_environment,
        unit
    from {{ source('landing', 'budgets') }}
    -- users and customers are in no cell
    where scope not in ('user', 'customer')
),

now as (
    select max(usage_hour) as newest_hour from {{ ref('int_cells') }}
),

allocations as (
    select
        cell_id,
        cell_meter,
        -- what is of a day or month that is not over yet is spent by now
        least(coalesce(usage_hour, cast(usage_date as timestamp) + interval 23 hour), now.newest_hour) as usage_hour,
        provider,
        sub_account,
        credential_id,
        model,
        {{ owner_columns() }},
        quantity,
        billed_pico,
        estimated_pico
    from {{ ref('int_allocations') }}
    cross join now
    where exists (select 1 from targets)
),

gpu_pools as (
    select distinct pool from {{ ref('stg_reference__capacity') }}
    where capacity_unit = 'gpu_seconds'
),

calls as (
    select
        cells.usage_hour,
        cells.provider,
        cells.sub_account,
        cells.credential_id,
        cells.model,
        {{ owner_columns('cells') }},
        cell_keys.*,
        case when gpu_pools.pool is null then 0 else cell_keys.pool_ms end as gpu_ms,
        case
            when {{ is_business_hour('cells.usage_hour') }} and not {{ is_development('cells.environment') }}
                then cell_keys.billing_blocked_requests
            else 0
        end as business_blocked_requests,
        {%- for meter in token_meters() %}
        coalesce(cell_keys.{{ meter }}_quantity, 0){{ ' +' if not loop.last else ' as tokens' }}
        {%- endfor %}
    from {{ ref('int_cell_keys') }} as cell_keys
    inner join {{ ref('int_cells') }} as cells on cell_keys.cell_id = cells.cell_id
    left join gpu_pools on cells.pool = gpu_pools.pool
    where exists (select 1 from targets)
),

-- a key is the provider's, or the gateway's by its id or its name
calls_of_keys as (
    {%- for name in ['credential_id', 'gateway_key_id', 'gateway_key_alias'] %}
    select
        targets.budget_id,
        targets.unit,
        calls.*
    from targets
    inner join calls on targets.scope_id = calls.{{ name }} and {{ in_budget_environment('calls') }}
    where targets.scope = 'credential'
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
),

cell_sums as (
    select
        cell_id,
        sum(requests) as cell_requests
        {%- for meter in var('meters') %},
        sum({{ meter }}_quantity) as cell_{{ meter }}_quantity
        {%- endfor %}
    from calls
    where cell_id in (select cell_id from calls_of_keys)
    group by cell_id
),

keys_in_cells as (
    select
        calls_of_keys.budget_id,
        calls_of_keys.unit,
        cell_sums.*,
        sum(calls_of_keys.requests) as requests
        {%- for meter in var('meters') %},
        sum(calls_of_keys.{{ meter }}_quantity) as {{ meter }}_quantity
        {%- endfor %}
    from calls_of_keys
    inner join cell_sums on calls_of_keys.cell_id = cell_sums.cell_id
    group by all
),

money_of_keys as (
    select
        keys_in_cells.budget_id,
        keys_in_cells.unit,
        allocations.usage_hour,
        allocations.feature,
        allocations.model,
        allocations.quantity,
        allocations.billed_pico,
        allocations.estimated_pico,
        {{ key_quantity('keys_in_cells', 'allocations.cell_meter') }} as of_key,
        {{ cell_quantity('keys_in_cells', 'allocations.cell_meter') }} as of_cell
    from keys_in_cells
    inner join allocations on keys_in_cells.cell_id = allocations.cell_id
    union all
    -- what the bill has of the key and no request explains
    select
        targets.budget_id,
        targets.unit,
        allocations.usage_hour,
        allocations.feature,
        allocations.model,
        allocations.quantity,
        allocations.billed_pico,
        allocations.estimated_pico,
        1 as of_key,
        1 as of_cell
    from targets
    inner join allocations
        on targets.scope_id = allocations.credential_id and {{ in_budget_environment('allocations') }}
    where targets.scope = 'credential' and allocations.cell_id is null
),

money as (
    {{ in_budget_scopes('allocations', 'usage_hour, feature, model, quantity, billed_pico, estimated_pico') }}
    union all
    select
        budget_id,
        unit,
        usage_hour,
        feature,
        model,
        {%- for amount in ['quantity', 'billed_pico', 'estimated_pico'] %}
        case
            when of_key = of_cell then {{ amount }}
            else case when {{ amount }} < 0 then -1 else 1 end
                * {{ split_floor('abs(' ~ amount ~ ')', 'of_key', 'of_cell') }}
        end as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from money_of_keys
    where of_cell > 0
),

use as (
    {{ in_budget_scopes(
        'calls',
        'usage_hour, feature, model, requests, blocked_requests, billing_blocked_requests, business_blocked_requests,'
        ~ ' tokens, gpu_ms'
    ) }}
    union all
    select
        budget_id,
        unit,
        usage_hour,
        feature,
        model,
        requests,
        blocked_requests,
        billing_blocked_requests,
        business_blocked_requests,
        tokens,
        gpu_ms
    from calls_of_keys
),

final as (
    select
        budget_id,
        usage_hour,
        feature,
        model,
        coalesce(sum(billed_pico), 0) + coalesce(sum(estimated_pico), 0) as amount_pico,
        coalesce(sum(estimated_pico), 0) as estimated_pico,
        coalesce(sum(quantity) filter (where estimated_pico is null), 0) as unpriced_quantity,
        0 as requests,
        0 as blocked_requests,
        0 as billing_blocked_requests,
        0 as business_blocked_requests
    from money
    where unit = '{{ var("currency") | lower }}'
    group by budget_id, usage_hour, feature, model
    union all
    select
        budget_id,
        usage_hour,
        feature,
        model,
        coalesce(
            sum(
                case unit
                    when 'tokens' then cast(tokens as decimal(38, 0)) * 1000000000000
                    when 'requests' then cast(requests as decimal(38, 0)) * 1000000000000
                    when 'gpu_seconds' then cast(gpu_ms as decimal(38, 0)) * 1000000000
                    else 0
                end
            ), 0
        ),
        0,
        0,
        sum(requests),
        sum(blocked_requests),
        sum(billing_blocked_requests),
        sum(business_blocked_requests)
    from use
    group by budget_id, usage_hour, feature, model
)

select * from final
