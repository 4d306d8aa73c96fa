{{ config(materialized='view') }}
-- One row per runaway x moment of use in its hours: what it had used and cost until then, which says when a cap or an
-- alert of some dollars or tokens would have been reached.
with runaways as (
    select * from {{ ref('mart_runaways') }}
),

requests as (
    select
        *,
        coalesce(gateway_key_alias, gateway_key_id, credential_id, '__unknown__') as key_name
    from {{ ref('fct_requests') }}
    where price_status <> 'cached' and is_tool_call is not true
),

moments as (
    select
        runaways.runaway_id,
        requests.used_at,
        count(*) as requests,
        coalesce(sum(requests.list_cost), 0) as list_cost,
        count(*) - count(requests.list_cost) as unpriced_requests,
        sum(
            {%- for meter in token_meters() %}
            {{ '+ ' if not loop.first }}coalesce(requests.{{ meter }}_quantity, 0)
            {%- endfor %}
        ) as tokens
    from requests
    inner join runaways
        on
            requests.usage_date >= cast(runaways.first_seen_at as date)
            and requests.usage_date <= cast(runaways.last_seen_at as date)
            and requests.used_at >= runaways.first_seen_at
            and requests.used_at <= runaways.last_seen_at
            and runaways.entity = case runaways.axis
                {%- for axis in watched_axes() %}
                when '{{ axis }}' then {{ watched_entity(axis, 'requests') }}
                {%- endfor %}
            end
    group by runaways.runaway_id, requests.used_at
),

final as (
    select
        runaway_id,
        used_at,
        cast(sum(requests) over so_far as bigint) as requests_so_far,
        cast(sum(tokens) over so_far as bigint) as tokens_so_far,
        cast(sum(list_cost) over so_far as decimal(38, 12)) as list_cost_so_far,
        cast(sum(unpriced_requests) over so_far as bigint) as unpriced_requests_so_far
    from moments
    window so_far as (partition by runaway_id order by used_at nulls last)
)

select * from final
