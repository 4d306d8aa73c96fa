"""Which months and owners there are, for who asked for one that there is not."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Final

import duckdb

MOST: Final = 10  # names told


def what_there_is(
    connection: duckdb.DuckDBPyConnection, month: date, owner: Mapping[str, str]
) -> str:
    """A half sentence: the months, or the owners of the month that the asked for may mean."""
    months = [
        f"{first:%Y-%m}"
        for (first,) in connection.execute(
            "SELECT DISTINCT billing_month FROM main.fct_cost_allocations ORDER BY 1"
        ).fetchall()
    ]
    if f"{month:%Y-%m}" not in months:
        return (
            f"there are {', '.join(months[-MOST:]) or 'no months yet: `tollbook run` makes them'}"
        )
    for dimension, name in owner.items():
        names = [
            there
            for (there,) in connection.execute(
                f"SELECT {dimension} FROM main.fct_cost_allocations WHERE billing_month = ?"
                " GROUP BY 1 ORDER BY sum(billed_cost) DESC, 1",
                [month],
            ).fetchall()
        ]
        if name not in names:
            return _meant(dimension, name, names)
    return "each of them has some, but not together"


def _meant(dimension: str, name: str, names: list[str]) -> str:
    lower = {there.lower(): there for there in reversed(names)}
    meant = name.lower()
    close = [meant] if meant in lower else get_close_matches(meant, lower, n=3)
    if close:
        told = " or ".join(lower[found] for found in close)
        return f"no {dimension} is called so, did you mean {told}?"
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"no {dimension} is called so: there are {', '.join(names[:MOST])}{more}"
