"""What customer tiers and plans brought and cost, where revenue.csv says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import nearest_cents, pico, unit_of
from orchestration.cents.posted import fetch_rows
from orchestration.exports.site.statement import Statement

# Of mart_tier_margin_monthly: all of a tier's plans that have no row of their own.
ANY_PLAN: Final = "__any__"


@dataclass(frozen=True, slots=True)
class Margin:
    """In cents. `plan`: None of all plans without a line; `revenue`: None without one."""

    tier: str
    plan: str | None
    revenue: int | None
    cost: int

    @property
    def margin(self) -> int:
        return (self.revenue or 0) - self.cost


@dataclass(frozen=True, slots=True)
class Margins:
    """`known`: those that have revenue; `others`: those that have none."""

    known: Sequence[Margin]
    others: Sequence[Margin]


def read_margins(connection: duckdb.DuckDBPyConnection, statement: Statement) -> Margins:
    """Costs are the cents of the page's rows."""
    rows = fetch_rows(
        connection,
        "SELECT tier, plan, revenue FROM main.mart_tier_margin_monthly WHERE showback_month = ?"
        " ORDER BY revenue DESC NULLS LAST, tier, plan",
        statement.month,
    )
    own = {(row["tier"], row["plan"]) for row in rows}
    costs: dict[tuple[str, str], int] = {}
    for each in statement.now.rows:
        key = (each.owners["tier"], each.owners["plan"])
        key = key if key in own else (key[0], ANY_PLAN)
        costs[key] = costs.get(key, 0) + each.cents
    found = [_margin(row, costs, unit_of(statement.currency)) for row in rows]
    return Margins(
        [each for each in found if each.revenue is not None],
        [each for each in found if each.revenue is None],
    )


def _margin(row: Mapping[str, Any], costs: Mapping[tuple[str, str], int], unit: int) -> Margin:
    return Margin(
        row["tier"],
        None if row["plan"] == ANY_PLAN else row["plan"],
        None if row["revenue"] is None else nearest_cents(pico(row["revenue"]), unit),
        costs.get((row["tier"], row["plan"]), 0),
    )
