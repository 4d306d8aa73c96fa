-- One row per billing month that this build made, written last: a run takes it for built once its tests have passed.
-- A change of any of these is another month.
{%- set outputs = [
    ref('int_matched_allocations'), ref('fct_cost_allocations'), ref('fct_cost_daily'),
    ref('mart_keyless_usage_monthly'), ref('mart_reconciliation_daily'),
] %}
with final as (
    select * from {{ ref('int_months_in_hand') }}
)

select * from final
