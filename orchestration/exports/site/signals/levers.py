"""What could be saved of a month, lever after lever, and from where on paying at once pays."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.posted import fetch_rows

LEVERS: Final = "mart_savings_levers"
BREAK_EVENS: Final = "mart_break_evens"
MOST_ROWS: Final = 12

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Lever:
    """Of all features; `before` and `after`: what stands before it in this order, and after it.
    `eligible`: None where nobody knows it of any; `reason`: why most of `unknown` do not.
    """

    name: str
    before: Decimal
    after: Decimal
    eligible: Decimal | None
    confidence: Sequence[str]
    features: int
    unknown: int
    reason: str


@dataclass(frozen=True, slots=True)
class Levers:
    """`largest`: rows of a feature and a lever that save the most, and how many `more` save."""

    cost: Decimal
    steps: Sequence[Lever]
    largest: Rows
    more: int
    unpriced: int

    @property
    def left(self) -> Decimal:
        return self.steps[-1].after


def read_levers(connection: duckdb.DuckDBPyConnection, month: date) -> dict[str, Rows]:
    """Rows of each team."""
    rows = fetch_rows(
        connection,
        "SELECT team, feature, lever, place, cost, quantity_unpriced, cost_before, eligible_cost,"
        " saving, cost_after, assumption, assumption_basis, confidence, unknown_reason"
        " FROM main.mart_savings_levers WHERE billing_month = ? ORDER BY team, feature, place",
        month,
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["team"], []).append(row)
    return dict(found)


def levers_of(rows: Rows) -> Levers | None:
    """None without any. What each took is what it took where it stood, of what was left there: so
    all of them leave what the last of each feature leaves.
    """
    if not rows:
        return None
    features = {(row["team"], row["feature"]): row for row in rows}
    cost = sum((row["cost"] for row in features.values()), Decimal(0))
    saving = sorted(
        (row for row in rows if row["saving"]),
        key=lambda row: (-row["saving"], row["team"], row["feature"], row["place"]),
    )
    unpriced = sum(row["quantity_unpriced"] for row in features.values())
    rest = len(saving) - MOST_ROWS
    return Levers(cost, _steps(rows, cost), saving[:MOST_ROWS], max(rest, 0), unpriced)


def _steps(rows: Rows, cost: Decimal) -> list[Lever]:
    """In the order that features have; where levers.csv gives some another one, the mean of it."""
    by_lever: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_lever.setdefault(row["lever"], []).append(row)
    ordered = sorted(
        by_lever.items(),
        key=lambda each: (Decimal(sum(row["place"] for row in each[1])) / len(each[1]), each[0]),
    )
    steps: list[Lever] = []
    for name, of_features in ordered:
        steps.append(_lever(name, of_features, steps[-1].after if steps else cost))
    return steps


def _lever(name: str, rows: Rows, before: Decimal) -> Lever:
    known = [row for row in rows if row["eligible_cost"] is not None]
    reasons = Counter(row["unknown_reason"] for row in rows if row["unknown_reason"])
    return Lever(
        name=name,
        before=before,
        after=before - sum((row["cost_before"] - row["cost_after"] for row in rows), Decimal(0)),
        eligible=sum((row["eligible_cost"] for row in known), Decimal(0)) if known else None,
        confidence=sorted({row["confidence"] for row in known if row["confidence"]}),
        features=len(rows),
        unknown=len(rows) - len(known),
        reason=min(reasons, key=lambda reason: (-reasons[reason], reason), default=""),
    )


def read_break_evens(connection: duckdb.DuckDBPyConnection, month: date) -> Rows:
    """Those that are reached first."""
    return fetch_rows(
        connection,
        "SELECT kind, subject, baseline, unit, fixed_cost, unit_cost_now, unit_cost_then,"
        " break_even_quantity, quantity, is_reached FROM main.mart_break_evens"
        " WHERE billing_month = ? ORDER BY is_reached DESC NULLS LAST, fixed_cost DESC, kind,"
        " subject",
        month,
    )
