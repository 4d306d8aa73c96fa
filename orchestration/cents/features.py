"""The posted cents of a month, split further: by feature, and by cause where no request is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb

from orchestration.cents.cascade import Path, settled
from orchestration.cents.largest_remainder import fits, nearest_cents, pico, split_cents
from orchestration.cents.owners import UNALLOCATED
from orchestration.cents.posted import PostedLine, fetch_rows

# Causes of money that no allocation names: of these components of mart_chargeback_monthly.
SHARED: Final = "shared"
CORRECTION: Final = "correction"
TIMING: Final = "timing"
UNKNOWN: Final = "unparsed"
Account = tuple[str, str | None]
Group = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """Of an account and team: `feature` of what requests explain, else `cause`; in cents.

    `estimated`: cents of what no invoice has yet, beside `cents`; None where a part has no price.
    """

    provider: str
    billing_account: str | None
    team: str
    feature: str | None
    cause: str | None
    cents: int
    estimated: int | None = 0

    @property
    def amount(self) -> int:
        return self.cents + (self.estimated or 0)

    @property
    def is_estimate(self) -> bool:
        return self.estimated != 0


@dataclass(slots=True)
class _Part:
    group: Group
    feature: str | None
    cause: str | None
    exact: int
    cents: int = 0


def feature_lines(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    posted: Sequence[PostedLine],
    basis: str,
    unit: int,
    shown: Mapping[tuple[str, str], tuple[int, int]] | None = None,
) -> list[FeatureLine]:
    """Lines of an account and team sum to what chargeback.csv posts of them.

    `shown`: of a team's feature, the exact pico-units and the cents of showback.csv; where the two
    are of the same money, the lines sum to these cents, too.
    """
    rows = fetch_rows(
        connection,
        "SELECT provider, billing_account, team, feature, residual_cause AS cause,"
        f" sum({basis}_cost)::DECIMAL(38, 12) AS amount,"
        " CASE WHEN bool_or(estimated_cost IS NULL) THEN NULL"
        " ELSE sum(estimated_cost) END::DECIMAL(38, 12) AS estimated"
        " FROM main.fct_cost_allocations WHERE billing_month = ?"
        " GROUP BY ALL ORDER BY ALL",
        month,
    )
    direct: dict[Group, list[_Part]] = {}
    residual: dict[Group, list[_Part]] = {}
    estimates: dict[tuple[Group, str | None, str | None], int | None] = {}
    for row in rows:
        group = (row["provider"], row["billing_account"], row["team"])
        cause = row["cause"]
        feature = None if cause else row["feature"]
        if row["amount"]:
            parts = (residual if cause else direct).setdefault(group, [])
            parts.append(_Part(group, feature, cause, pico(row["amount"])))
        if row["estimated"] != 0:
            key = (group, feature, cause)
            before = estimates.get(key, 0)
            known = row["estimated"] is not None and before is not None
            estimates[key] = (before or 0) + pico(row["estimated"]) if known else None
    parts = [*_of_features(posted, direct, unit, shown or {}), *_of_causes(posted, residual, unit)]
    return _with_estimates(parts, estimates, unit)


def _sums(posted: Sequence[PostedLine], *components: str) -> dict[Group, tuple[int, int]]:
    """Exact pico-units and posted cents of an account's team."""
    found: dict[Group, tuple[int, int]] = {}
    for line in posted:
        row = line.row
        group = (row["provider"], row["billing_account"], row["team"])
        exact, cents = found.get(group, (0, 0))
        found[group] = (
            exact + sum(pico(row[f"{name}_cost"]) for name in components),
            cents + sum(line.cents[name] for name in components),
        )
    return found


def _of_features(
    posted: Sequence[PostedLine],
    direct: Mapping[Group, Sequence[_Part]],
    unit: int,
    shown: Mapping[tuple[str, str], tuple[int, int]],
) -> list[_Part]:
    parts = []
    for group, (exact, cents) in _sums(posted, "direct").items():
        parts += _divided(group, direct.get(group, ()), exact, cents, unit)
    exact_of: dict[tuple[str, str], int] = {}
    for part in parts:
        key = (part.group[2], str(part.feature))
        exact_of[key] = exact_of.get(key, 0) + part.exact
    wanted: dict[Path, int] = {
        key: shown[key][1] for key, exact in exact_of.items() if shown.get(key, (None,))[0] == exact
    }
    moved = settled(
        [part.exact for part in parts],
        [part.cents for part in parts],
        unit,
        [part.group for part in parts],
        [(part.group[2], str(part.feature)) for part in parts],
        kept={part.group for part in parts},
        wanted=wanted,
    )
    for part, cents in zip(parts, moved, strict=True):
        part.cents = cents
    return parts


def _of_causes(
    posted: Sequence[PostedLine], residual: Mapping[Group, Sequence[_Part]], unit: int
) -> list[_Part]:
    parts = []
    for group, (exact, cents) in _sums(posted, "residual").items():
        parts += _divided(group, residual.get(group, ()), exact, cents, unit, UNKNOWN)
    for component in (SHARED, CORRECTION, TIMING):
        for group, (exact, cents) in _sums(posted, component).items():
            if exact or cents:
                parts.append(_Part(group, None, component, exact, cents))
    return parts


def _divided(
    group: Group,
    parts: Sequence[_Part],
    exact: int,
    cents: int,
    unit: int,
    cause: str | None = None,
) -> list[_Part]:
    """What the ledger or a dispute keeps of a closed month may be other money than the facts are:
    then it stays in one line."""
    total = sum(part.exact for part in parts)
    if total != exact or not fits(cents, exact, unit):
        feature = None if cause else UNALLOCATED
        return [_Part(group, feature, cause, exact, cents)] if exact or cents else []
    made = split_cents([part.exact for part in parts], cents, unit)
    for part, cent in zip(parts, made, strict=True):
        part.cents = cent
    return list(parts)


def _with_estimates(
    parts: Sequence[_Part],
    estimates: Mapping[tuple[Group, str | None, str | None], int | None],
    unit: int,
) -> list[FeatureLine]:
    left = dict(estimates)
    lines = []
    for part in parts:
        key = (part.group, part.feature, part.cause)
        estimated = left.pop(key, 0)
        lines.append(_line(key, part.cents, estimated, unit))
    return [*lines, *(_line(key, 0, estimated, unit) for key, estimated in left.items())]


def _line(
    key: tuple[Group, str | None, str | None], cents: int, estimated: int | None, unit: int
) -> FeatureLine:
    group, feature, cause = key
    about = None if estimated is None else nearest_cents(estimated, unit)
    return FeatureLine(*group, feature, cause, cents, about)
