"""What own servers counted and logs do not have: calls that went past the gateway.

Reads mart_usage_controls_daily.
"""

from typing import Final

import duckdb

# Tokens of a call that runs over midnight, or over a scrape, are told on either side.
PERCENT: Final = 1
HOUR: Final = 60
# Days without any count are told apart: they say nothing of what was logged.
MONTHS: Final = """
    SELECT
        date_trunc('month', usage_date)::DATE AS month, provider, billing_account, model,
        count(*) FILTER (unlogged_tokens IS NOT NULL),
        coalesce(sum(counted_input_tokens + counted_output_tokens), 0)::BIGINT,
        coalesce(sum(logged_input_tokens + logged_output_tokens), 0)::BIGINT,
        coalesce(max(longest_gap_minutes) FILTER (restarts > 0), 0)
    FROM main.mart_usage_controls_daily
    GROUP BY ALL
    HAVING count(unlogged_tokens) > 0
    ORDER BY ALL
"""


def unlogged_usage(marts: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each month, account and model of which more than PERCENT differs."""
    told = []
    for month, provider, account, model, days, counted, logged, gap in marts.execute(
        MONTHS
    ).fetchall():
        unlogged = counted - logged
        if abs(unlogged) * 100 <= PERCENT * counted:
            continue
        where = f"{provider} {account}" if account else provider
        percent = f" ({unlogged * 1000 // counted / 10:+.1f} %)" if counted else ""
        what = (
            f"{unlogged:,} are not logged{percent}: calls went past the gateway, or their model has"
            " another name there (models.csv)"
            if unlogged > 0
            else f"{-unlogged:,} more are logged{percent}: counters of some servers are not read,"
            " or other servers have the model, too (`account` of the entry)"
        )
        lost = (
            f"; a server began anew within {gap} minutes without a sample, and what it had counted"
            " in them is not known: save more often"
            if gap >= HOUR
            else ""
        )
        told.append(
            f"{where}: of {model} servers counted {counted:,} tokens on {days} days of"
            f" {month:%Y-%m}, {what}{lost} (mart_usage_controls_daily)"
        )
    return told
