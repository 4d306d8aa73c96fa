"""Features whose requests have more than twice the tokens that were planned for them.

Reads mart_unit_cost_daily.
"""

from typing import Final

import duckdb

MOST: Final = 2
# Of the newest month with requests: what is over was told while it lasted.
FEATURES: Final = """
    WITH days AS (
        SELECT
            feature, measured_requests AS requests, input_cost_beyond_plan AS beyond,
            unnest([
                {'side': 'prompts', 'tokens': input_tokens, 'expected': expected_input_tokens},
                {'side': 'answers', 'tokens': output_tokens, 'expected': expected_output_tokens}
            ], recursive := true)
        FROM main.mart_unit_cost_daily
        WHERE
            usage_date >= (
                SELECT date_trunc('month', max(usage_date)) FROM main.mart_unit_cost_daily
            )
    )

    SELECT
        feature, side, count(*), sum(tokens)::BIGINT, sum(requests * expected)::BIGINT,
        sum(requests)::BIGINT, sum(beyond) FILTER (side = 'prompts')
    FROM days
    WHERE tokens > $most * requests * expected
    GROUP BY feature, side
    ORDER BY feature, side
"""


def beyond_plan(marts: duckdb.DuckDBPyConnection, currency: str) -> list[str]:
    """A sentence for each feature and side that has days above MOST times its plan."""
    told = []
    rows = marts.execute(FEATURES, {"most": MOST}).fetchall()
    for feature, side, days, tokens, planned, requests, beyond in rows:
        cost = f", {beyond:,.2f} {currency} beyond it by contract" if beyond else ""
        told.append(
            f"{feature}: {side} have {tokens * 10 // planned / 10:,.1f} times the tokens of"
            f" feature_plans.csv on {days} {'day' if days == 1 else 'days'} of the newest month"
            f" ({tokens // requests:,} a request, {planned // requests:,} planned){cost}"
            " (mart_unit_cost_daily)"
        )
    return told
