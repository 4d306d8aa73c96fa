"""What one user and one run of an agent cost, where requests name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import nearest_cents, pico, places_of, unit_of
from orchestration.cents.posted import fetch_rows
from orchestration.exports.site.statement import MonthFigures, Statement, month_before
from orchestration.publishing.origin import published_tables

UNITS: Final = "mart_unit_cost_monthly"
OUTCOMES: Final = "mart_outcome_cost_monthly"
# As the marts call what no request names.
UNKNOWN: Final = "__unknown__"
USER: Final = "user"
RUN: Final = "run"
MOST_UNITS: Final = 20


@dataclass(frozen=True, slots=True)
class UnitCost:
    """`row`: of mart_unit_cost_monthly; `now` and `before`: its cost by contract, else by list, in
    cents, None of a month that the marts do not have. `each`: what one costs: a run by contract,
    else by list; a user what the page's cents say, since every cent of a feature is on it.
    """

    row: Mapping[str, Any]
    now: int
    before: int | None
    each: Decimal | None
    each_before: Decimal | None

    @property
    def team(self) -> str:
        return str(self.row["team"])

    @property
    def agent(self) -> str | None:
        return None if self.row["agent"] == UNKNOWN else str(self.row["agent"])

    @property
    def workflow(self) -> str | None:
        return None if self.row["workflow"] == UNKNOWN else str(self.row["workflow"])


@dataclass(frozen=True, slots=True)
class Outcome:
    feature: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Units:
    """Dearest first. `outcomes`: of features, whoever's they are."""

    users: Sequence[UnitCost]
    runs: Sequence[UnitCost]
    outcomes: Sequence[Outcome]

    def of(self, team: str, features: Sequence[str]) -> "Units":
        """A team's own. `features`: which nobody else has."""
        return Units(
            [each for each in self.users if each.team == team],
            [each for each in self.runs if each.team == team],
            [each for each in self.outcomes if each.feature in features],
        )


def read_units(connection: duckdb.DuckDBPyConnection, statement: Statement) -> Units:
    """Of the marts that are there: those of an earlier release have fewer."""
    there, month = published_tables(connection), statement.month
    found = _units(connection, statement) if UNITS in there else []
    return Units(
        [each for each in found if each.row["unit"] == USER],
        [each for each in found if each.row["unit"] == RUN],
        _outcomes(connection, month) if OUTCOMES in there else [],
    )


def features_of_one_team(statement: Statement) -> dict[str, list[str]]:
    """By team, those of which no other has anything."""
    teams: dict[str, set[str]] = {}
    for row in statement.now.rows:
        teams.setdefault(row.owners["feature"], set()).add(row.owners["team"])
    found: dict[str, list[str]] = {}
    for feature, owners in teams.items():
        if len(owners) == 1:
            found.setdefault(next(iter(owners)), []).append(feature)
    return found


def _units(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[UnitCost]:
    earlier = {_key(row): row for row in _rows(connection, month_before(statement.month))}
    costs = _costs_of_requests(statement.now, statement.currency)
    costs_before = _costs_of_requests(statement.before, statement.currency)
    unit = unit_of(statement.currency)
    found = []
    for row in _rows(connection, statement.month):
        then = earlier.get(_key(row))
        before = nearest_cents(pico(then["contracted_cost"]), unit) if then else 0
        found.append(
            UnitCost(
                row,
                nearest_cents(pico(row["contracted_cost"]), unit),
                before if statement.before else None,
                _each(row, costs),
                _each(then, costs_before) if then else None,
            )
        )
    return found


def _each(row: Mapping[str, Any], costs: Mapping[tuple[str, str], Decimal]) -> Decimal | None:
    if row["unit"] == RUN:
        cost: Decimal | None = row["cost_per_unit"]
        return cost
    a_request = costs.get((row["team"], row["feature"]))
    return None if a_request is None else a_request * row["requests"] / row["units"]


def _costs_of_requests(
    figures: MonthFigures | None, currency: str
) -> dict[tuple[str, str], Decimal]:
    """Of each team's feature, what a request of it costs."""
    if figures is None:
        return {}
    cents: dict[tuple[str, str], int] = {}
    for line in figures.lines:
        if line.cause is None:
            key = (line.team, str(line.feature))
            cents[key] = cents.get(key, 0) + line.amount
    requests: dict[tuple[str, str], int] = {}
    for row in figures.rows:
        key = (row.owners["team"], row.owners["feature"])
        requests[key] = requests.get(key, 0) + row.requests
    whole = 10 ** places_of(currency)
    return {
        key: Decimal(amount) / whole / requests[key]
        for key, amount in cents.items()
        if requests.get(key)
    }


def _rows(connection: duckdb.DuckDBPyConnection, month: date) -> list[dict[str, Any]]:
    return fetch_rows(
        connection,
        "SELECT team, feature, unit, agent, workflow, units, requests, requests_unpriced,"
        " contracted_cost, cost_per_unit, cost_per_unit_p50, cost_per_unit_p95"
        " FROM main.mart_unit_cost_monthly WHERE showback_month = ?"
        " ORDER BY contracted_cost DESC, team, feature, unit, agent, workflow",
        month,
    )


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("team", "feature", "unit", "agent", "workflow"))


def _outcomes(connection: duckdb.DuckDBPyConnection, month: date) -> list[Outcome]:
    rows = fetch_rows(
        connection,
        "SELECT feature, outcome, outcomes FROM main.mart_outcome_cost_monthly"
        " WHERE showback_month = ? AND outcome <> '__none__' ORDER BY feature, outcome",
        month,
    )
    return [Outcome(row["feature"], row["outcome"], row["outcomes"]) for row in rows]
