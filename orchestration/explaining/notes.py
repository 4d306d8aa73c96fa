"""What `tollbook explain` says beside a charge and a cell, from the table `explained`."""

from decimal import Decimal
from typing import Any

import duckdb


def note_of(
    connection: duckdb.DuckDBPyConnection, level: str, condition: str, values: list[Any]
) -> str:
    if level == "charge":
        return _charge_note(connection, values[-1], condition, values)
    if level != "cell":
        return ""
    [row] = connection.execute(
        "SELECT any_value(usage_hour), any_value(credential_id), any_value(match_level),"
        " any_value(allocation_method), sum(quantity), any_value(tier)"
        f" FROM explained WHERE {condition}",
        values,
    ).fetchall()
    hour, credential, match_level, method, quantity, tier = row
    if hour is None:
        return f"{_count(quantity)} without a request"
    return (
        f"{_count(quantity)} in the hour {hour:%Y-%m-%d %H:00},"
        f" credential {credential or 'unknown'}, tier {tier},"
        f" matched by {match_level}, split by {method}"
    )


def _charge_note(
    connection: duckdb.DuckDBPyConnection, charge: str, condition: str, values: list[Any]
) -> str:
    """The line of the bill, and what a million units cost by bill, list and contract."""
    rows = connection.execute(
        "SELECT charge_description, charge_period_start, billed_cost"
        " FROM main.fct_charges WHERE charge_id = ?",
        [charge],
    ).fetchall()
    said = [
        f"{description}, {start:%Y-%m-%d}: {billed.normalize() + 0:f} in all"
        for description, start, billed in rows
    ]
    [(quantity, billed, *estimates)] = connection.execute(
        "SELECT sum(quantity), sum(billed_cost), sum(list_cost), sum(contracted_cost)"
        f" FROM explained WHERE {condition}",
        values,
    ).fetchall()
    said.append(f"{_count(quantity)} here")
    for label, amount in zip(("billed", "list", "contract"), (billed, *estimates), strict=True):
        if amount and quantity:
            said.append(f"{label} {_per_million(amount, quantity)}")
    return "; ".join(said)


def _per_million(amount: Decimal, quantity: Any) -> str:
    price = amount * 1_000_000 / Decimal(quantity)
    return f"{round(price, 6).normalize():f} a million"


def _count(quantity: Any) -> str:
    return "no quantity" if quantity is None else f"{quantity:,.0f} units"
