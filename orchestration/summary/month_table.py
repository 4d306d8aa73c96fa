"""A month's money by feature, team and tier, as a run prints it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import (
    cents_decimal,
    nearest_cents,
    pico,
    places_of,
    unit_of,
)
from orchestration.cents.owners import split_by_owner
from orchestration.cents.posted import (
    COMPONENTS,
    OWN,
    SHOWN,
    PostedLine,
    dearest_first,
    fetch_rows,
)
from orchestration.terminal.tables import as_table

DIMENSIONS: Final = ("feature", "team", "tier")
UNPRICED: Final = "units without a price"
# column of a table -> owner -> cents
Cents = Mapping[str, Mapping[str, int]]


def month_tables(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    posted: Sequence[PostedLine],
    basis: str,
    currency: str,
) -> str:
    """The cents of teams are those of chargeback.csv, `posted`; other owners sum to the same."""
    tables = []
    for dimension in DIMENSIONS:
        made = _charged(posted, basis) if dimension == "team" else None
        tables.append(split_of_month(connection, month, dimension, currency, made))
    return "\n".join(tables)


def _charged(posted: Sequence[PostedLine], basis: str) -> Cents:
    """Per team what chargeback.csv posts; its parts where it is not only what was billed."""
    parts = {basis: OWN, **{name: (name,) for name in COMPONENTS[2:]}, "charged": COMPONENTS}
    columns: dict[str, dict[str, int]] = {name: {} for name in parts}
    for line in posted:
        team = line.row["team"]
        for name, components in parts.items():
            cents = sum(line.cents[component] for component in components)
            columns[name][team] = columns[name].get(team, 0) + cents
    moved = [name for name in COMPONENTS[2:] if any(columns[name].values())]
    if not moved and basis == "billed":
        return {"billed": columns["billed"]}
    return {name: columns[name] for name in (basis, *moved, "charged")}


def split_of_month(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    dimension: str,
    currency: str = "USD",
    made: Cents | None = None,
) -> str:
    """The dearest owners of a dimension, the rest in one line, and the total.

    What is estimated and what of it has no price, in units, have a column where there is any.
    `made`: cents that other surfaces show too; others are made here, to the same total.
    """
    rows = fetch_rows(
        connection,
        f"SELECT {dimension} AS owner, sum(billed_cost) AS billed,"
        " coalesce(sum(estimated_cost), 0) AS estimated,"
        " CAST(coalesce(sum(quantity) FILTER (estimated_cost IS NULL), 0) AS BIGINT) AS unpriced"
        " FROM main.fct_cost_allocations WHERE billing_month = ? GROUP BY 1 ORDER BY 1",
        month,
    )
    ranked = dearest_first((row["owner"], row["billed"] + row["estimated"]) for row in rows)
    rest, unit = set(ranked[SHOWN:]), unit_of(currency)
    columns = {
        **(made or {"billed": _split(rows, "billed", rest, unit)}),
        "estimated": _split(rows, "estimated", rest, unit),
    }
    # who only bears what is shared has no allocation
    ranked += sorted({owner for cents in columns.values() for owner in cents} - set(ranked))
    unpriced = {row["owner"]: row["unpriced"] for row in rows}
    return _Table(dimension, ranked, columns, unpriced, places_of(currency)).text()


def _split(
    rows: Sequence[Mapping[str, Any]], name: str, rest: set[str], unit: int
) -> Mapping[str, int]:
    exact = {row["owner"]: pico(row[name]) for row in rows}
    return split_by_owner(exact, nearest_cents(sum(exact.values()), unit), rest, unit)


@dataclass(frozen=True, slots=True)
class _Table:
    dimension: str
    ranked: Sequence[str]
    cents: Cents
    unpriced: Mapping[str, int]
    places: int

    def text(self) -> str:
        has_estimates = any(self.cents["estimated"].values()) or any(self.unpriced.values())
        columns = [name for name in self.cents if name != "estimated" or has_estimates]
        names = [self.dimension, *columns]
        if any(self.unpriced.values()):
            names.append(UNPRICED)
        lines = [[owner, *self._cells([owner], columns)] for owner in self.ranked[:SHOWN]]
        if rest := self.ranked[SHOWN:]:
            lines.append([f"… {len(rest)} more", *self._cells(rest, columns)])
        lines.append(["total", *self._cells(self.ranked, columns)])
        return as_table(names, [line[: len(names)] for line in lines])

    def _cells(self, owners: Sequence[str], columns: Sequence[str]) -> list[Any]:
        unpriced = sum(self.unpriced.get(owner, 0) for owner in owners)
        cells: list[Any] = []
        for name in columns:
            cents = sum(self.cents[name].get(owner, 0) for owner in owners)
            # an estimate of which nothing has a price is unknown
            is_unknown = name == "estimated" and unpriced and not cents
            cells.append("unknown" if is_unknown else cents_decimal(cents, self.places))
        return [*cells, unpriced]
