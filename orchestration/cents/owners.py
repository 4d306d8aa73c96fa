"""Cents of what owners cost in a month, from teams down to features, tiers and the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ingestion.vocabulary import TEAM_FIRST
from orchestration.cents.cascade import Path, cascade, settled
from orchestration.cents.largest_remainder import fits, lowest, nearest_cents, pico
from orchestration.cents.posted import OWN, PostedLine, beyond_shown

Rows = Sequence[Mapping[str, Any]]
# Team or feature of what nobody owns.
UNALLOCATED: Final = "__unallocated__"


def posted_teams(
    lines: Sequence[PostedLine], basis: str
) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Column of money -> per team its exact pico-units and the cents that chargeback.csv has."""
    found = {}
    for column, names in ((f"{basis}_cost", OWN), ("shared_cost", ("shared",))):
        exact: dict[str, int] = {}
        cents: dict[str, int] = {}
        for line in lines:
            team = line.row["team"]
            amount = sum(pico(line.row[f"{name}_cost"]) for name in names)
            exact[team] = exact.get(team, 0) + amount
            cents[team] = cents.get(team, 0) + sum(line.cents[name] for name in names)
        found[column] = (exact, cents)
    return found


def owner_cents(
    rows: Rows,
    column: str,
    unit: int,
    posted: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]],
) -> list[int | None]:
    """Cents of a column of money per row, None where it is NULL. A row is an owner.

    Teams that cost exactly what is posted of them have the cents that are posted. Features over all
    teams are within a cent, and where rows allow it what their own split of the total gives.
    """
    known = [row for row in rows if row[column] is not None]
    amounts = [pico(row[column]) for row in known]
    owners = [[str(row[name]) for name in TEAM_FIRST if name in row] for row in known]
    rest_of_teams, rest_of_features = _rest(rows, "team"), _rest(rows, "feature")
    within: list[Path] = [(owner[0] in rest_of_teams, *owner) for owner in owners]
    also: list[Path] = [(owner[1] in rest_of_features, owner[1]) for owner in owners]
    teams = _as_posted(owners, amounts, unit, *posted.get(column, ({}, {})))
    kept: set[Path] = set()
    if teams is None:
        cents = cascade(amounts, nearest_cents(sum(amounts), unit), unit, within=within)
    else:
        cents = _below_teams(amounts, owners, teams, unit)
        kept = {path[:depth] for path in within for depth in (1, 2)}
    cents = settled(amounts, cents, unit, within, also, kept)
    features = summed((owner[1] for owner in owners), amounts)
    if not _rounds_largest(features, summed((owner[1] for owner in owners), cents), unit):
        own = split_by_owner(features, sum(cents), rest_of_features, unit)
        wanted = {path: own[str(path[1])] for path in also}
        cents = settled(amounts, cents, unit, within, also, kept, wanted)
    made = iter(cents)
    return [None if row[column] is None else next(made) for row in rows]


def _rest(rows: Rows, owner: str) -> set[str]:
    return beyond_shown(
        (str(row[owner]), Decimal((row["billed_cost"] or 0) + (row.get("estimated_cost") or 0)))
        for row in rows
    )


def _as_posted(
    owners: Sequence[Sequence[str]],
    amounts: Sequence[int],
    unit: int,
    exact: Mapping[str, int],
    cents: Mapping[str, int],
) -> Mapping[str, int] | None:
    """The posted cents, where all teams cost what is posted of them."""
    sums = summed((owner[0] for owner in owners), amounts)
    same = all(sums.get(team, 0) == exact.get(team, 0) for team in {*sums, *exact})
    return cents if exact and same and _fit(sums, cents, unit) else None


def _below_teams(
    amounts: Sequence[int], owners: Sequence[Sequence[str]], teams: Mapping[str, int], unit: int
) -> list[int]:
    cents = [0] * len(amounts)
    for team, total in teams.items():
        lines = [line for line, owner in enumerate(owners) if owner[0] == team]
        parts = cascade(
            [amounts[line] for line in lines],
            total,
            unit,
            within=[tuple(owners[line][1:]) for line in lines],
        )
        for line, part in zip(lines, parts, strict=True):
            cents[line] = part
    return cents


def _fit(exact: Mapping[str, int], cents: Mapping[str, int], unit: int) -> bool:
    return all(fits(cents.get(name, 0), amount, unit) for name, amount in exact.items())


def _rounds_largest(exact: Mapping[str, int], cents: Mapping[str, int], unit: int) -> bool:
    """Whether these are largest remainders, whatever breaks ties."""
    up = [exact[name] % unit for name, part in cents.items() if part > lowest(exact[name], unit)]
    down = [exact[name] % unit for name, part in cents.items() if part == lowest(exact[name], unit)]
    return not up or not down or min(up) >= max(down)


def summed(owners: Iterable[str], amounts: Iterable[int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for owner, amount in zip(owners, amounts, strict=True):
        sums[owner] = sums.get(owner, 0) + amount
    return sums


def split_by_owner(
    exact: Mapping[str, int], total: int, rest: Collection[str], unit: int
) -> dict[str, int]:
    """Cents per owner that sum to `total`, those of the `rest` also to within a cent."""
    names = sorted(exact)
    cents = cascade(
        [exact[name] for name in names], total, unit, within=[(name in rest,) for name in names]
    )
    return dict(zip(names, cents, strict=True))
