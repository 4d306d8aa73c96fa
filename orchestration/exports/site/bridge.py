"""From the month before to this one: effects of mart_variance_bridge, then of each cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents, unit_of
from orchestration.cents.posted import fetch_rows
from orchestration.exports.site.figures import MonthFigures, Statement
from orchestration.exports.site.names import cause_of
from orchestration.exports.site.tables import causes_of

# Column of the mart -> what it is, and over what the line below tells the largest parts.
EFFECTS: Final[Mapping[str, tuple[str, str]]] = {
    "volume_effect": ("Requests", ""),
    "feature_mix_effect": ("Which features", "feature"),
    "model_mix_effect": ("Which models and tiers", "model"),
    "tokens_effect": ("Tokens per request", "feature"),
    "price_effect": ("Price", "model"),
}
MOST_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """`start`: the sum before it, in cents. `parts`: its largest, name -> cents."""

    label: str
    cents: int
    start: int
    is_rest: bool
    parts: Sequence[tuple[str, int]] = ()
    over: str = ""

    @property
    def end(self) -> int:
        return self.start + self.cents


@dataclass(frozen=True, slots=True)
class Bridge:
    before: int
    now: int
    requests: int
    requests_before: int
    steps: Sequence[Step]

    @property
    def least(self) -> int:
        return min(self.before, self.now, *(step.end for step in self.steps))

    @property
    def most(self) -> int:
        return max(self.before, self.now, *(step.end for step in self.steps))

    @property
    def largest(self) -> Step | None:
        """What moved most, where one effect of requests stands out."""
        found = sorted((s for s in self.steps if not s.is_rest), key=lambda step: -abs(step.cents))
        return found[0] if found and found[0].cents else None


Rows = Sequence[Mapping[str, Any]]


def read_effects(
    connection: duckdb.DuckDBPyConnection, statement: Statement
) -> dict[str | None, list[Mapping[str, Any]]]:
    """By team; None: of the company."""
    rows = fetch_rows(
        connection,
        "SELECT scope, team, feature, model, residual_cause, requests, requests_before,"
        f" {', '.join(EFFECTS)} FROM main.mart_variance_bridge"
        " WHERE billing_month = ? AND residual_cause IS NULL ORDER BY ALL",
        statement.month,
    )
    found: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["team"] if row["scope"] == "team" else None, []).append(row)
    return found


def bridge_of(statement: Statement, rows: Rows) -> Bridge | None:
    """`rows`: the effects of the statement's own scope. None where the month before has no money,
    or is not known.
    """
    if statement.before is None or not rows:
        return None
    unit = unit_of(statement.currency)
    change = _explained(statement.now) - _explained(statement.before)
    before = statement.before.total
    steps: list[Step] = []
    at = before
    exact = [sum(pico(row[name]) for row in rows) for name in EFFECTS]
    for (name, (label, over)), cents in zip(
        EFFECTS.items(), _cents(exact, change, unit), strict=True
    ):
        parts = _parts(rows, name, over, unit, statement) if over else []
        steps.append(Step(label, cents, at, False, parts, over))
        at += cents
    for each in causes_of(statement):
        if each.now != each.before:
            cents = each.now - each.before
            steps.append(Step(cause_of(each.cause).name, cents, at, True))
            at += cents
    requests, past_requests = (
        sum(row[name] for row in rows) for name in ("requests", "requests_before")
    )
    return Bridge(before, at, requests, past_requests, steps)


def _explained(figures: MonthFigures) -> int:
    return sum(line.amount for line in figures.lines if line.cause is None)


def _cents(exact: Sequence[int], change: int, unit: int) -> list[int]:
    """They sum to the change of the cents; what the months' own rounding leaves is in the price."""
    whole = sum(exact)
    total = change if fits(change, whole, unit) else nearest_cents(whole, unit)
    cents = split_cents(exact, total, unit)
    return [*cents[:-1], cents[-1] + change - total]


def _parts(
    rows: Rows, name: str, over: str, unit: int, statement: Statement
) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for row in rows:
        owner = row[over]
        if over == "feature":
            owner = statement.names.misspelt.get(owner, owner)
        sums[str(owner)] = sums.get(str(owner), 0) + pico(row[name])
    found = [(owner, nearest_cents(amount, unit)) for owner, amount in sums.items()]
    found.sort(key=lambda each: (-abs(each[1]), each[0]))
    return [each for each in found[:MOST_PARTS] if each[1]]
