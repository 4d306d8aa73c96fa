"""What a summary says of calls that several sources log."""

from decimal import Decimal

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)


def told_twice(connection: duckdb.DuckDBPyConnection, currency: str) -> str:
    """By source: records that another source's stand for, and requests that may be such calls."""
    rows = connection.execute(
        "SELECT source, CAST(sum(records_observed_elsewhere) AS BIGINT),"
        " CAST(sum(requests_likely_elsewhere) AS BIGINT),"
        " CAST(sum(requests_likely_elsewhere_unpriced) AS BIGINT), sum(likely_elsewhere_cost)"
        " FROM main.mart_data_quality_daily"
        " WHERE records_observed_elsewhere > 0 OR requests_likely_elsewhere > 0"
        " GROUP BY source ORDER BY 1"
    ).fetchall()
    return "".join(
        f"\n{source}: {_folded(folded)}{'; ' if folded and likely else ''}"
        f"{_likely(likely, unpriced, cost, currency)}\n"
        for source, folded, likely, unpriced, cost in rows
    )


def _folded(calls: int) -> str:
    if not calls:
        return ""
    return (
        f"{calls} call{'s' if calls > 1 else ''} that another source logged, too, count once"
        " (observed_also_in of requests)"
    )


def _likely(requests: int, unpriced: int, cost: Decimal | None, currency: str) -> str:
    if not requests:
        return ""
    worth = _cost(requests, unpriced, cost, currency)
    return (
        f"{requests} request{'s' if requests > 1 else ''}{worth}"
        " may be in another source, too, and count there as well: log the provider's id of the"
        " response in both (requests_likely_elsewhere in mart_data_quality_daily)"
    )


def _cost(requests: int, unpriced: int, cost: Decimal | None, currency: str) -> str:
    """Of those with a price; an unknown one is told, as it is no zero."""
    if unpriced == requests or cost is None:
        return ", of which no price is known,"
    amount = cents_decimal(nearest_cents(pico(cost), unit_of(currency)), places_of(currency))
    if not unpriced:
        return f" of {amount} {currency}"
    return f" of {amount} {currency}, of {unpriced} of which no price is known,"
