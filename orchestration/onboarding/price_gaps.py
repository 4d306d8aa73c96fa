"""Times that prices.csv leaves without a price between two of its lines, and does not declare."""

from typing import Final

import duckdb

MODEL: Final = "int_price_gaps"
# A line without a region is the price of every region that only public books have prices for: its
# gap is told once.
GAPS: Final = f"""
    SELECT
        after_it.line, before_it.line,
        concat_ws(' ', gaps.provider, gaps.model, gaps.meter, gaps.service_tier),
        min(gaps.region), gaps.gap_from, gaps.gap_to
    FROM intermediate.{MODEL} AS gaps
    INNER JOIN landing.prices AS before_it ON before_it.valid_to = gaps.gap_from
    INNER JOIN landing.prices AS after_it ON after_it.valid_from = gaps.gap_to
    WHERE
        gaps.source_before = 'prices.csv' AND gaps.source_after = 'prices.csv'
        {
    "".join(
        f'''AND {side}.provider = gaps.provider AND {side}.model = gaps.model
        AND {side}.meter = gaps.meter AND {side}.service_tier = gaps.service_tier
        AND lower({side}.region) IN ('*', gaps.region)
        '''
        for side in ("before_it", "after_it")
    )
}
    GROUP BY ALL
    ORDER BY ALL
"""


def undeclared_gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One sentence each, of a warehouse with MODEL."""
    return [
        f"prices.csv:{line}: valid_from: {key}{'' if region == '*' else ' in ' + region} has no"
        f" price from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, after line {before}:"
        " fill the time, or declare it not sold by a line with an empty unit_price_per_million"
        for line, before, key, region, start, end in connection.execute(GAPS).fetchall()
    ]
