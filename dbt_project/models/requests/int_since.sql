-- One row: the first day that is attributed, the workspace's `since` or else the first day with logs.
-- Older bills show as totals: one cause, no owner. Without any log nothing is older.
with kept as (
    select * from {{ ref('int_requests_kept') }}
),

final as (
    select
        {%- if var('since') %}
        timestamp '{{ var("since") }}' as since
        {%- else %}
        coalesce(cast(min(usage_date) as timestamp), timestamp '0001-01-01') as since
        {%- endif %}
    from kept
    {%- if var('since') %}
    having true
    {%- endif %}
)

select * from final
