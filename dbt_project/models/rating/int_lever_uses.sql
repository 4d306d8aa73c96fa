{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x team x feature x provider x model x tier x price region x embedding or not x meter:
-- what was used and what of it a lever could touch. Costs are by contract, else by list, of what has a price. An
-- answer to an input that the day has answered is repeated.
{%- set told = {
    'max_tokens': 'requests.max_tokens is not null',
    'stream': 'requests.stream is not null',
    'response_format': "requests.response_format is not null and requests.response_format <> 'text'",
    'input_hash': 'requests.input_hash is not null',
} %}
{%- set segment = ['team', 'feature', 'provider', 'model', 'service_tier', 'price_region', 'is_embedding'] %}
with request_meters as (
    select * from {{ ref('int_request_meters') }}
),

requests as (
    select
        *,
        coalesce(operation, '') in ('embedding', 'embeddings') as is_embedding
    from {{ ref('int_requests') }}
    where is_tool_call is not true
),

repeated as (
    select
        request_key,
        row_number() over (
            partition by usage_date, team, feature, provider, model, is_embedding, input_hash
            order by started_at nulls last, request_key nulls last
        ) as answer_no
    from requests
    where
        input_hash is not null
        and status = 'success'
        and not {{ answered_by_gateway('cache_layer') }}
),

rated as (
    select
        request_meters.usage_date,
        request_meters.day_hash,
        {%- for column in segment %}
        requests.{{ column }},
        {%- endfor %}
        request_meters.meter,
        request_meters.quantity,
        coalesce(request_meters.contracted_cost_pico, request_meters.list_cost_pico) as cost_pico,
        {%- for field, condition in told.items() %}
        {{ condition }} as tells_{{ field }},
        {%- endfor %}
        coalesce(not requests.stream, false) as is_whole,
        coalesce(repeated.answer_no > 1, false) as is_repeated
    from request_meters
    inner join requests
        on
            request_meters.request_key = requests.request_key
            and request_meters.usage_date = requests.usage_date
    left join repeated on request_meters.request_key = repeated.request_key
),

final as (
    select
        usage_date,
        max(day_hash) as day_hash,
        {{ segment | join(', ') }},
        meter,
        count(*) as requests,
        cast(sum(quantity) as bigint) as quantity,
        cast(coalesce(sum(case when cost_pico is null then quantity end), 0) as bigint) as quantity_unpriced,
        cast(coalesce(sum(cost_pico), 0) as decimal(38, 0)) as cost_pico,
        {%- for field in told %}
        count(case when tells_{{ field }} then 1 end) as tells_{{ field }},
        {%- endfor %}
        cast(coalesce(sum(case when not tells_max_tokens then cost_pico end), 0) as decimal(38, 0)) as unlimited_pico,
        cast(coalesce(sum(case when is_whole then cost_pico end), 0) as decimal(38, 0)) as whole_pico,
        cast(coalesce(sum(case when not tells_response_format then cost_pico end), 0) as decimal(38, 0)) as plain_pico,
        cast(coalesce(sum(case when tells_response_format then quantity end), 0) as bigint) as structured_quantity,
        cast(coalesce(sum(case when is_repeated then cost_pico end), 0) as decimal(38, 0)) as repeated_pico
    from rated
    group by usage_date, {{ segment | join(', ') }}, meter
)

select * from final
