-- One row per request and billing month: its exact share of what was allocated, NULL where nothing of
-- it is known. Only of cells that a rule matches: the others need no explanation.
with requests as (
    select * from {{ ref('fct_requests') }}
),

matched as (
    select request_key, usage_date from {{ ref('int_request_rules') }}
),

cells as (
    select distinct
        requests.cell_id,
        requests.usage_date
    from requests
    inner join matched
        on requests.request_key = matched.request_key and requests.usage_date = matched.usage_date
),

request_meters as (
    select request_meters.*
    from {{ ref('fct_request_meters') }} as request_meters
    inner join cells
        on request_meters.cell_id = cells.cell_id and request_meters.usage_date = cells.usage_date
),

pairs as (
    select
        allocations.allocation_id,
        allocations.billing_month,
        request_meters.usage_date,
        request_meters.request_key,
        request_meters.meter,
        request_meters.quantity,
        allocations.billed_pico + allocations.estimated_pico as allocation_pico,
        sum(request_meters.quantity) over (partition by allocations.allocation_id)
            as allocation_quantity
    from request_meters
    inner join {{ ref('int_allocations') }} as allocations
        on
            request_meters.cell_id = allocations.cell_id
            and request_meters.usage_date = allocations.usage_date
            and request_meters.meter = allocations.cell_meter
),

shares as (
    {{ split_exactly(
        'pairs', 'allocation_pico', 'quantity', 'allocation_quantity', 'allocation_id',
        'request_key', 'share_pico'
    ) }}
),

final as (
    select
        request_key,
        usage_date,
        billing_month,
        cast(sum(share_pico) as decimal(38, 0)) as cost_pico,
        count(*) > count(share_pico) as is_unpriced
    from shares
    group by request_key, usage_date, billing_month
)

select * from final
