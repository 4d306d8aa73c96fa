"""Times that prices.csv leaves without a price between two of its lines, and does not declare."""

from typing import Final

import duckdb

# Prices of public books fill a hole as those of the workspace do. The dbt test
# assert_a_key_has_one_price_at_a_time asks the same of the price book as built.
GAPS: Final = """
    WITH prices AS (
        SELECT provider, model, meter, service_tier, region, valid_from, valid_to, line
        FROM landing.prices
        UNION ALL
        SELECT provider, model, meter, service_tier, lower(region), valid_from, valid_to, NULL
        FROM landing.price_book
        WHERE (provider, model) IN (SELECT (provider, model) FROM landing.prices)
    ),
    running AS (
        SELECT
            *,
            max(valid_to) OVER (
                before_it ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS known_to,
            lag(line) OVER before_it AS line_before
        FROM prices
        WINDOW before_it AS (
            PARTITION BY provider, model, meter, service_tier, region
            ORDER BY valid_from, valid_to, line
        )
    )
    SELECT
        line, line_before, concat_ws(' ', provider, model, meter, service_tier),
        region, known_to, valid_from
    FROM running
    WHERE known_to < valid_from AND line IS NOT NULL AND line_before IS NOT NULL
    ORDER BY line
"""


def undeclared_gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One sentence each. `connection`: schema `landing` with `prices` and `price_book`."""
    return [
        f"prices.csv:{line}: valid_from: {key}{'' if region == '*' else ' in ' + region} has no"
        f" price from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, after line {before}:"
        " fill the time, or declare it not sold by a line with an empty unit_price_per_million"
        for line, before, key, region, start, end in connection.execute(GAPS).fetchall()
    ]
