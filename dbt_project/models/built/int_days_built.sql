-- One row per day that this build made, written last: a run takes it for built once its tests have passed.
-- A change of any of these is another day.
{%- set outputs = [
    ref('int_cells'), ref('int_cell_meters'), ref('int_cell_keys'), ref('int_model_uses'), ref('int_gateway_drift'),
    ref('int_unpriced_daily'), ref('int_users_and_runs_daily'), ref('int_unit_usage_daily'), ref('int_rule_values'), ref('int_request_rules'),
    ref('int_owned_daily'), ref('int_sessions_daily'), ref('int_use_hourly'), ref('int_lever_uses'),
    ref('fct_requests'), ref('fct_request_meters'),
] %}
with final as (
    select * from {{ ref('int_days_in_hand') }}
)

select * from final
