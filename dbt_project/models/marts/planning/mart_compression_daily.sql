{{ config(materialized='view') }}
-- One row per usage date x source x owner x provider x model of requests whose metadata says how long their prompt was before it
-- was compressed (`original_prompt_tokens`): tokens as written and as sent, and what those left out would have cost as fresh
-- input at the list price of each request's time.
with requests as (
    select
        *,
        try_cast({{ json_value('attributes', ['metadata', 'original_prompt_tokens']) }} as bigint) as original_tokens,
        {% for meter in ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h'] -%}
        {{ '+ ' if not loop.first }}coalesce({{ meter }}_quantity, 0)
        {% endfor -%} as sent_tokens
    from {{ ref('fct_requests') }}
),

fresh_input as (
    select
        request_key,
        usage_date,
        list_unit_price_per_million
    from {{ ref('fct_request_meters') }}
    where meter = 'input'
),

saved as (
    select
        requests.*,
        requests.original_tokens - requests.sent_tokens as tokens_saved,
        fresh_input.list_unit_price_per_million
    from requests
    left join fresh_input
        on
            requests.request_key = fresh_input.request_key
            and requests.usage_date = fresh_input.usage_date
    where requests.original_tokens > 0 and not requests.price_status = 'cached'
),

final as (
    select
        usage_date,
        source,
        {{ owner_columns() }},
        provider,
        model,
        count(*) as requests,
        cast(sum(original_tokens) as bigint) as original_tokens,
        cast(sum(sent_tokens) as bigint) as sent_tokens,
        cast(sum(tokens_saved) as bigint) as tokens_saved,
        {{ from_pico('sum(sign(tokens_saved) * ' ~ cost_pico('abs(tokens_saved)', to_pico('list_unit_price_per_million')) ~ ')') }}
            as saved_list_cost,
        count(*) - count(list_unit_price_per_million) as requests_unpriced
    from saved
    group by usage_date, source, {{ owner_columns() }}, provider, model
)

select * from final
