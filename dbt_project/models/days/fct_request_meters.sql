{{ config(
    schema='main',
    group='marts',
    materialized='day_files',
    meta={'publish': 'parquet_by_day'},
    pre_hook="{{ asked_for_day_files() }}",
    contract={'enforced': true},
    persist_docs={'relation': true, 'columns': true},
) }}
-- One row per request and meter: quantity, price and cost; the weights that split a cell's money.
with request_meters as (
    select * from {{ ref('int_request_meters') }}
),

requests as (
    select request_key, usage_date, request_id from {{ ref('int_requests') }}
),

final as (
    select
        request_meters.request_key,
        requests.request_id,
        request_meters.usage_date,
        request_meters.cell_id,
        request_meters.meter,
        request_meters.quantity,
        request_meters.price_id,
        {{ from_pico('request_meters.list_pico_per_million') }} as list_unit_price_per_million,
        {{ from_pico('request_meters.contracted_pico_per_million') }} as contracted_unit_price_per_million,
        {{ from_pico('request_meters.list_cost_pico') }} as list_cost,
        {{ from_pico('request_meters.contracted_cost_pico') }} as contracted_cost,
        request_meters.day_hash
    from request_meters
    inner join requests
        on
            request_meters.request_key = requests.request_key
            and request_meters.usage_date = requests.usage_date
)

select * from final
