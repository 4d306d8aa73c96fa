"""From the month before to this one: effects of mart_variance_bridge, then of each cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents, unit_of
from orchestration.cents.posted import fetch_rows
from orchestration.exports.site.blocks.tables import causes_of
from orchestration.exports.site.statement import MonthFigures, Statement
from orchestration.exports.site.wording.names import cause_of


@dataclass(frozen=True, slots=True)
class Effect:
    """Column of the mart; what an increase and a decrease of it are in words; `over`: of what the
    line below it tells the largest parts.
    """

    column: str
    label: str
    more: str
    less: str
    over: str = ""


EFFECTS: Final = (
    Effect("volume_effect", "Requests", "more requests", "fewer requests"),
    Effect(
        "feature_mix_effect",
        "Which features",
        "more for dear features",
        "less for dear features",
        "feature",
    ),
    Effect(
        "model_mix_effect", "Which models and tiers", "dearer models", "cheaper models", "model"
    ),
    Effect(
        "tokens_effect",
        "Tokens per request",
        "more tokens per request",
        "fewer tokens per request",
        "feature",
    ),
    Effect("price_effect", "Price", "higher prices", "lower prices", "model"),
)
MOST_PARTS: Final = 3
UNPRICED: Final = "Use without a price"


@dataclass(frozen=True, slots=True)
class Step:
    """`start`: the sum before it, in cents. `parts`: its largest, name -> cents. `said`: it in a
    heading, of an effect alone.
    """

    label: str
    cents: int
    start: int
    is_rest: bool
    parts: Sequence[tuple[str, int]] = ()
    over: str = ""
    said: str = ""

    @property
    def end(self) -> int:
        return self.start + self.cents


@dataclass(frozen=True, slots=True)
class Bridge:
    """`unpriced`: units without a price, now and before, whose segments no effect compares."""

    before: int
    now: int
    requests: int
    requests_before: int
    steps: Sequence[Step]
    unpriced: tuple[int, int]

    @property
    def least(self) -> int:
        return min(self.before, self.now, *(step.end for step in self.steps))

    @property
    def most(self) -> int:
        return max(self.before, self.now, *(step.end for step in self.steps))

    @property
    def largest(self) -> Step | None:
        """What moved most, where one effect of requests stands out."""
        found = sorted((s for s in self.steps if s.said), key=lambda step: -abs(step.cents))
        return found[0] if found and found[0].cents else None


Rows = Sequence[Mapping[str, Any]]


def read_effects(
    connection: duckdb.DuckDBPyConnection, statement: Statement
) -> dict[str | None, list[Mapping[str, Any]]]:
    """By team; None: of the company."""
    rows = fetch_rows(
        connection,
        "SELECT scope, team, feature, model, residual_cause, requests, requests_before,"
        " unpriced_quantity, unpriced_quantity_before,"
        f" {', '.join(effect.column for effect in EFFECTS)} FROM main.mart_variance_bridge"
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
    compared = [row for row in rows if row["price_effect"] is not None]
    exact = [sum(pico(row[effect.column]) for row in compared) for effect in EFFECTS]
    *effects, unpriced = _cents(exact, change, unit, is_whole=len(compared) == len(rows))
    for effect, cents in zip(EFFECTS, effects, strict=True):
        parts = _parts(compared, effect, unit, statement) if effect.over else []
        said = effect.more if cents > 0 else effect.less
        steps.append(Step(effect.label, cents, at, False, parts, effect.over, said))
        at += cents
    if len(compared) < len(rows):
        steps.append(Step(UNPRICED, unpriced, at, False))
        at += unpriced
    for each in causes_of(statement):
        if each.now != each.before:
            cents = each.now - each.before
            steps.append(Step(cause_of(each.cause).name, cents, at, True))
            at += cents
    requests, past_requests = (
        sum(row[name] for row in compared) for name in ("requests", "requests_before")
    )
    now, then = (
        sum(row[name] for row in rows) for name in ("unpriced_quantity", "unpriced_quantity_before")
    )
    return Bridge(before, at, requests, past_requests, steps, (now, then))


def _explained(figures: MonthFigures) -> int:
    return sum(line.amount for line in figures.lines if line.cause is None)


def _cents(exact: Sequence[int], change: int, unit: int, *, is_whole: bool) -> list[int]:
    """They sum to the change of the cents, the last one of what is not compared; what the months'
    own rounding leaves is in the price.
    """
    whole = sum(exact)
    total = change if is_whole and fits(change, whole, unit) else nearest_cents(whole, unit)
    cents = split_cents(exact, total, unit)
    if is_whole:
        return [*cents[:-1], cents[-1] + change - total, 0]
    return [*cents, change - total]


def _parts(rows: Rows, effect: Effect, unit: int, statement: Statement) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for row in rows:
        owner = row[effect.over]
        if effect.over == "feature":
            owner = statement.names.misspelt.get(owner, owner)
        sums[str(owner)] = sums.get(str(owner), 0) + pico(row[effect.column])
    found = [(owner, nearest_cents(amount, unit)) for owner, amount in sums.items()]
    found.sort(key=lambda each: (-abs(each[1]), each[0]))
    return [each for each in found[:MOST_PARTS] if each[1]]
