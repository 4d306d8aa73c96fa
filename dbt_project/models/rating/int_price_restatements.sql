-- One row per restatement x day x model x meter x price before x price after: what is published of a day that is
-- another one now. All that one publish reprices is one restatement.
{% set grain = [
    'usage_date', 'provider', 'model', 'meter', 'service_tier', 'price_id_before', 'price_id_after',
    'list_price_before', 'list_price_after', 'contracted_price_before', 'contracted_price_after',
    'reason',
] %}
{%- set costs = [
    'list_cost_before', 'list_cost_after', 'contracted_cost_before', 'contracted_cost_after',
] %}
with published_days as (
    select * from {{ source('landing', 'published_days') }}
),

day_inputs as (
    select usage_date, day_hash from {{ ref('int_day_inputs') }}
),

lines as (
    select lines.*
    from {{ ref('int_day_restatements') }} as lines
    inner join day_inputs
        on lines.usage_date = day_inputs.usage_date and lines.day_hash = day_inputs.day_hash
    inner join published_days on lines.usage_date = published_days.usage_date
    where lines.day_hash <> published_days.day_hash
),

known as (
    select max(sequence) as sequence from {{ source('landing', 'price_restatements') }}
),

keyed as (
    select *, {{ key_of(grain + ['requests', 'quantity'] + costs) }} as line_key from lines
),

-- by number and content: whoever draws the same difference again gets the same restatement
restatement as (
    select
        last_known.sequence + 1 as sequence,
        md5(concat_ws('|', last_known.sequence + 1, drawn.content)) as restatement_id
    from (select coalesce(max(sequence), 0) as sequence from known) as last_known
    cross join (select string_agg(line_key, '' order by line_key nulls last) as content from keyed) as drawn
),

final as (
    select
        restatement.restatement_id,
        cast(restatement.sequence as bigint) as sequence,
        {%- for column in grain + ['requests', 'requests_once', 'quantity'] + costs %}
        keyed.{{ column }},
        {%- endfor %}
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as restated_at
    from keyed
    cross join restatement
)

select * from final
