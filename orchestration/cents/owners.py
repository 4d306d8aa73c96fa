"""Cents of what owners cost in a month, from teams down to features, tiers and the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ingestion.vocabulary import TEAM_FIRST
from orchestration.cents.cascade import Path, cascade, settled
from orchestration.cents.largest_remainder import (
    fits,
    lowest,
    nearest_cents,
    pico,
    split_cents,
)
from orchestration.cents.posted import OWN, PostedLine, beyond_shown

Rows = Sequence[Mapping[str, Any]]
# Team and feature.
Owner = tuple[str, str]
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
    known = [place for place, row in enumerate(rows) if row[column] is not None]
    lines: dict[Owner, list[int]] = {}
    for place in known:
        lines.setdefault((str(rows[place]["team"]), str(rows[place]["feature"])), []).append(place)
    amounts = {place: pico(rows[place][column]) for place in known}
    exact = [sum(amounts[place] for place in places) for places in lines.values()]
    cents = _feature_cents(
        [*lines], exact, unit, _rest(rows, "team"), _rest(rows, "feature"), posted.get(column)
    )
    found: list[int | None] = [None] * len(rows)
    for places, total in zip(lines.values(), cents, strict=True):
        parts = cascade(
            [amounts[place] for place in places],
            total,
            unit,
            within=[_below(rows[place]) for place in places],
        )
        for place, part in zip(places, parts, strict=True):
            found[place] = part
    return found


def _below(row: Mapping[str, Any]) -> Path:
    return tuple(str(row[name]) for name in TEAM_FIRST[2:] if name in row)


def _feature_cents(
    owners: Sequence[Owner],
    amounts: Sequence[int],
    unit: int,
    rest_of_teams: Collection[str],
    rest_of_features: Collection[str],
    posted: tuple[Mapping[str, int], Mapping[str, int]] | None,
) -> list[int]:
    """Per team and feature."""
    within: list[Path] = [(team in rest_of_teams, team, feature) for team, feature in owners]
    also: list[Path] = [(feature in rest_of_features, feature) for _, feature in owners]
    teams = _as_posted(owners, amounts, unit, *(posted or ({}, {})))
    kept: set[Path] = set()
    if teams is None:
        cents = cascade(amounts, nearest_cents(sum(amounts), unit), unit, within=within)
    else:
        cents = _below_teams(amounts, owners, teams, unit)
        kept = {path[:depth] for path in within for depth in (1, 2)}
    cents = settled(amounts, cents, unit, within, also, kept)
    features = summed((feature for _, feature in owners), amounts)
    if not _rounds_largest(features, summed((feature for _, feature in owners), cents), unit):
        own = split_by_owner(features, sum(cents), rest_of_features, unit)
        wanted = {path: own[str(path[1])] for path in also}
        cents = settled(amounts, cents, unit, within, also, kept, wanted)
    return cents


def _rest(rows: Rows, owner: str) -> set[str]:
    return beyond_shown(
        (str(row[owner]), Decimal((row["billed_cost"] or 0) + (row.get("estimated_cost") or 0)))
        for row in rows
    )


def _as_posted(
    owners: Sequence[Owner],
    amounts: Sequence[int],
    unit: int,
    exact: Mapping[str, int],
    cents: Mapping[str, int],
) -> Mapping[str, int] | None:
    """The posted cents, where all teams cost what is posted of them."""
    sums = summed((team for team, _ in owners), amounts)
    same = all(sums.get(team, 0) == exact.get(team, 0) for team in {*sums, *exact})
    return cents if exact and same and _fit(sums, cents, unit) else None


def _below_teams(
    amounts: Sequence[int], owners: Sequence[Owner], teams: Mapping[str, int], unit: int
) -> list[int]:
    lines: dict[str, list[int]] = {}
    for line, (team, _) in enumerate(owners):
        lines.setdefault(team, []).append(line)
    cents = [0] * len(amounts)
    for team, mine in lines.items():
        parts = split_cents([amounts[line] for line in mine], teams.get(team, 0), unit)
        for line, part in zip(mine, parts, strict=True):
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
