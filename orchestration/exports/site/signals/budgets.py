"""Budgets of a month: how much is used, where limits stand, when it will be used up and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb

from ingestion.reference.csvs.budgets import COUNTED
from orchestration.cents.posted import fetch_rows

MART: Final = "mart_budget_status_hourly"
RANGE: Final = ("projected_low", "projected_high")
LIMITS: Final = ("soft_limit", "hard_limit", "budget")


@dataclass(frozen=True, slots=True)
class Budget:
    """`row`: of the month's newest hour. In percent of the greatest amount: `used`, what may be
    used by the end of the month, and the marks of what is limited.
    """

    row: Mapping[str, Any]
    used: float
    projected: tuple[float, float]
    marks: Mapping[str, float]

    @property
    def is_money(self) -> bool:
        return self.row["unit"] not in COUNTED

    @property
    def team(self) -> str | None:
        """Whose own budget it is, where it is a team's."""
        return str(self.row["scope_id"]) if self.row["scope"] == "team" else None

    @property
    def is_used_up(self) -> bool:
        exhausted, newest = self.row["exhausted_at"], self.row["usage_hour"]
        return exhausted is not None and exhausted <= newest + timedelta(hours=1)


def read_budgets(connection: duckdb.DuckDBPyConnection, month: date) -> list[Budget]:
    """Those that are used up the most first; the mart tells a month that is over as of its end."""
    rows = fetch_rows(
        connection,
        "SELECT scope, scope_id, only_environment, unit, usage_hour, expected, budget, soft_limit,"
        " hard_limit, soft_crossed_at, budget_crossed_at, hard_crossed_at, used, estimated_used,"
        " unpriced_quantity, degrade_stage, projected_month_end, projected_low, projected_high,"
        " exhausted_at, exhausted_earliest, exhausted_latest, cause_feature, cause_model,"
        " cause_growth FROM main.mart_budget_status_hourly"
        # a page names no persons
        " WHERE budget_month = ? AND is_latest AND scope NOT IN ('user', 'customer')"
        " ORDER BY budget_id",
        month,
    )
    return sorted(map(_budget, rows), key=lambda each: -_fullness(each.row))


def _fullness(row: Mapping[str, Any]) -> Decimal:
    """Of the amount that the mart says is used up."""
    most = next(row[name] for name in ("budget", "hard_limit", "expected") if row[name] is not None)
    return Decimal(row["used"] / most) if most else Decimal(row["used"])


def _budget(row: Mapping[str, Any]) -> Budget:
    end = row["projected_month_end"]
    low, high = (end if row[name] is None else row[name] for name in RANGE)
    limits = {name: row[name] for name in LIMITS if row[name] is not None}
    most = max(row["used"], row["expected"], high, *limits.values(), Decimal("0.000001"))
    return Budget(
        row,
        _percent(row["used"], most),
        (_percent(low, most), _percent(high, most)),
        {name: _percent(amount, most) for name, amount in limits.items()},
    )


def _percent(amount: Decimal, most: Decimal) -> float:
    return float(100 * max(amount, Decimal(0)) / most)
