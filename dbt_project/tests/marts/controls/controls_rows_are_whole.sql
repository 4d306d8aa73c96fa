-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_hourly_limits', {
        'one_row_per': ['axis', 'entity', 'measure', 'usage_hour'], 'filled': ['limit_amount'],
        'one_of': {'axis': watched_axes(), 'compared_with': ['week', 'day', 'new']},
    }),
    ('mart_runaways', {
        'one_row_per': ['runaway_id'], 'filled': ['entity', 'first_seen_at', 'detected_at'],
        'one_of': {'axis': watched_axes(), 'signature': ['loop', 'new', 'unusual']},
        'never': {
            'less by morning than so far': 'exposure_by_morning < exposure_so_far',
            'money of use that has no price': 'list_cost = 0 and unpriced_requests > 0',
        },
    }),
]) }}
