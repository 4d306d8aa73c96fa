-- One row per restatement x day x model x meter x price before x price after: what a changed price or
-- contract made of requests that were published at another cost. The one table that tells history: what
-- was told before, and what is told with this publish.
{%- set money = [
    'list_price_before', 'list_price_after', 'contracted_price_before', 'contracted_price_after',
    'list_cost_before', 'list_cost_after', 'contracted_cost_before', 'contracted_cost_after',
] %}
with stored as (
    select * from {{ source('landing', 'price_restatements') }}
),

drawn as (
    select
        {{ all_but(money | join(', ')) }},
        {%- for column in money %}
        {{ from_pico(column) }} as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('int_price_restatements') }}
),
{% set columns = [
    'restatement_id', 'sequence', 'restated_at', 'reason', 'usage_date', 'provider', 'model', 'meter',
    'service_tier', 'price_id_before', 'price_id_after', 'list_price_before', 'list_price_after',
    'contracted_price_before', 'contracted_price_after', 'requests', 'requests_once', 'quantity',
    'list_cost_before', 'list_cost_after', 'contracted_cost_before', 'contracted_cost_after',
] | join(', ') %}
final as (
    select {{ columns }} from stored
    union all
    select {{ columns }} from drawn
)

select * from final
