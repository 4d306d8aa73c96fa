"""The cents that finance posts of a month: made here once, printed by every surface.

The month's total is split over invoice accounts, an account's over teams and cost centres, a line's
over its components. A team's lines over all accounts sum to within a cent of what it owes, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.cascade import Path, cascade, settled
from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents

# Provider, billing account and team.
Team = tuple[str, str | None, str]

COMPONENTS: Final = ("direct", "residual", "shared", "correction", "timing")
# What a team owes by its own requests and keys is one figure on the terminal.
OWN: Final = COMPONENTS[:2]
GROUPS: Final[Sequence[Sequence[str]]] = (OWN, *((name,) for name in COMPONENTS[2:]))
# A table of owners shows so many one by one, and the rest in one line.
SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class PostedLine:
    """A row of mart_chargeback_monthly; `cents` by component sum to `total`, what it cost.
    `recovered`: what the team is charged for it.
    """

    row: Mapping[str, Any]
    cents: Mapping[str, int]
    total: int
    recovered: int


# What no bill has yet is owed for requests, at the price that is known, and charged at that cost.
WITH_ESTIMATES: Final = """(
    SELECT * REPLACE (
        direct_cost + coalesce(estimated_cost, 0) AS direct_cost,
        total_cost + coalesce(estimated_cost, 0) AS total_cost,
        recovered_cost + coalesce(estimated_cost, 0) AS recovered_cost
    )
    FROM main.mart_chargeback_monthly
)"""


def posted_lines(
    connection: duckdb.DuckDBPyConnection, month: date, unit: int, *, accrued: bool = False
) -> list[PostedLine]:
    """One per provider, account, team and cost centre, in the order of their names.

    `accrued`: with what is estimated.
    """
    relation = WITH_ESTIMATES if accrued else "main.mart_chargeback_monthly"
    rows = fetch_rows(
        connection,
        f"SELECT * FROM {relation} WHERE billing_month = ?"
        " ORDER BY provider, billing_account NULLS LAST, team, cost_center NULLS LAST, status",
        month,
    )
    amounts = [{name: pico(row[f"{name}_cost"]) for name in COMPONENTS} for row in rows]
    totals = [sum(parts.values()) for parts in amounts]
    _must_add_up(rows, totals)
    rest = beyond_shown(
        (row["team"], row["total_cost"] + (row["estimated_cost"] or 0)) for row in rows
    )
    teams = [row["team"] for row in rows]
    total_cents = cascade(
        totals,
        nearest_cents(sum(totals), unit),
        unit,
        within=[(row["provider"], row["billing_account"]) for row in rows],
        also=[(row["team"] in rest, row["team"], row["cost_center"]) for row in rows],
    )
    groups = [[sum(parts[name] for name in group) for group in GROUPS] for parts in amounts]
    group_cents = _split_lines(groups, total_cents, teams, unit)
    own = [[parts[name] for name in OWN] for parts in amounts]
    own_cents = _split_lines(own, [cents[0] for cents in group_cents], teams, unit)
    recovered = _recovered_cents(rows, total_cents, unit)
    return [
        PostedLine(
            row, dict(zip(COMPONENTS, [*own_parts, *parts[1:]], strict=True)), total, charged
        )
        for row, own_parts, parts, total, charged in zip(
            rows, own_cents, group_cents, total_cents, recovered, strict=True
        )
    ]


def _recovered_cents(
    rows: Sequence[Mapping[str, Any]], totals: Sequence[int], unit: int
) -> list[int]:
    """A line without an internal price is charged its total. An account's other lines sum to
    theirs and what is recovered beyond it, in whole cents.
    """
    found = list(totals)
    priced: dict[tuple[str, str | None], list[int]] = {}
    for place, row in enumerate(rows):
        if row["recovered_cost"] != row["total_cost"]:
            priced.setdefault((row["provider"], row["billing_account"]), []).append(place)
    for places in priced.values():
        exact = [pico(rows[place]["recovered_cost"]) for place in places]
        beyond = sum(exact) - sum(pico(rows[place]["total_cost"]) for place in places)
        wanted = sum(totals[place] for place in places) + nearest_cents(beyond, unit)
        whole = wanted if fits(wanted, sum(exact), unit) else nearest_cents(sum(exact), unit)
        cents = split_cents(exact, whole, unit)
        for place, charged in zip(places, cents, strict=True):
            found[place] = charged
    return found


def causes_of_residuals(
    connection: duckdb.DuckDBPyConnection, month: date, basis: str
) -> dict[Team, dict[str, int]]:
    """Provider, account and team -> cause -> pico-units, over all cost centres."""
    rows = fetch_rows(
        connection,
        "SELECT provider, billing_account, team, residual_cause,"
        f" sum({basis}_cost)::DECIMAL(38, 12) AS amount FROM main.fct_cost_allocations"
        " WHERE billing_month = ? AND residual_cause IS NOT NULL GROUP BY ALL ORDER BY ALL",
        month,
    )
    found: dict[Team, dict[str, int]] = {}
    for row in rows:
        team = (row["provider"], row["billing_account"], row["team"])
        if row["amount"]:
            found.setdefault(team, {})[row["residual_cause"]] = pico(row["amount"])
    return found


def parts_by_cause(
    line: PostedLine, causes: Mapping[Team, Mapping[str, int]], unit: int
) -> dict[str | None, int]:
    """Cents of the line by residual cause, which sum to its total; None: money without one.

    Of a team with several cost centres in the month no cause is known, unless it has but one.
    """
    row, residual = line.row, line.cents["residual"]
    found = causes.get((row["provider"], row["billing_account"], row["team"]), {})
    exact = pico(row["residual_cost"])
    parts: dict[str | None, int] = {None: line.total - residual - line.cents["timing"]}
    if len(found) == 1:
        parts[next(iter(found))] = residual
    elif sum(found.values()) == exact and fits(residual, exact, unit):
        parts |= zip(found, split_cents([*found.values()], residual, unit), strict=True)
    else:
        parts[None] += residual
    parts["timing"] = parts.get("timing", 0) + line.cents["timing"]
    return parts


def _split_lines(
    amounts: Sequence[Sequence[int]], totals: Sequence[int], teams: Sequence[str], unit: int
) -> list[list[int]]:
    """Cents of each line's parts, which sum to its total; of a part also those of each team."""
    cents = [split_cents(parts, total, unit) for parts, total in zip(amounts, totals, strict=True)]
    within: list[Path] = [(line,) for line, parts in enumerate(amounts) for _ in parts]
    also: list[Path] = [
        (part, team)
        for team, parts in zip(teams, amounts, strict=True)
        for part in range(len(parts))
    ]
    moved = iter(
        settled(
            [amount for parts in amounts for amount in parts],
            [cent for parts in cents for cent in parts],
            unit,
            within,
            also,
            kept=dict.fromkeys(within),
        )
    )
    return [[next(moved) for _ in parts] for parts in amounts]


def beyond_shown(amounts: Iterable[tuple[str, Decimal]]) -> set[str]:
    """Owners that a table sums up in its last line: all but the dearest."""
    return set(dearest_first(amounts)[SHOWN:])


def dearest_first(amounts: Iterable[tuple[str, Decimal]]) -> list[str]:
    sums: dict[str, Decimal] = {}
    for owner, amount in amounts:
        sums[owner] = sums.get(owner, Decimal()) + amount
    return sorted(sums, key=lambda owner: (-sums[owner], owner))


def fetch_rows(
    connection: duckdb.DuckDBPyConnection, sql: str, month: date
) -> list[dict[str, Any]]:
    result = connection.execute(sql, [month])
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _must_add_up(rows: Iterable[Mapping[str, Any]], totals: Iterable[int]) -> None:
    for row, total in zip(rows, totals, strict=True):
        if pico(row["total_cost"]) != total:
            raise ValueError(
                f"mart_chargeback_monthly: {row['team']} {row['billing_month']}: direct, residual,"
                f" shared, correction and timing do not sum to total_cost {row['total_cost']}"
            )
