-- One row: the first day that is attributed, the workspace's `since` or else the first day with logs.
-- Older bills show as totals: one cause, no owner. Without any log nothing is older.
with days as (
    select usage_date from {{ ref('int_day_inputs') }}
    {%- if has_priced_tools() %}
    where requests > 0
    {%- endif %}
),

final as (
    select
        {%- if var('since') %}
        timestamp '{{ var("since") }}' as since
        {%- else %}
        coalesce(cast(min(usage_date) as timestamp), timestamp '0001-01-01') as since
        {%- endif %}
    from days
    {%- if var('since') %}
    having true
    {%- endif %}
)

select * from final
