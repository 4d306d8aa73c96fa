"""Tables of a statement below the flow: features, models, customer tiers, causes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.cents.features import FeatureLine
from orchestration.cents.largest_remainder import nearest_cents, pico, split_cents, unit_of
from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.statement import MonthFigures, Statement

# On none of its pages a statement says more of what is nothing.
MOST_MODELS: Final = 12


@dataclass(frozen=True, slots=True)
class FeatureCost:
    """`now` and `before` in cents of what requests explain."""

    feature: str
    requests: int
    requests_before: int
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class ModelCost:
    """`model`: empty for what names none. `unpriced`: units without a price, in no cent."""

    model: str
    now: int
    before: int
    tokens: int
    tokens_before: int
    unpriced: int
    unpriced_before: int


@dataclass(frozen=True, slots=True)
class CauseCost:
    """`teams`: what of it each has, where a team has any."""

    cause: str
    now: int
    before: int
    teams: Sequence[tuple[str, int]]


def features_of(statement: Statement) -> list[FeatureCost]:
    """Dearest first; misspelt names stand with the feature that they resemble."""
    misspelt = statement.names.misspelt
    now = _by_feature(statement.now, misspelt)
    before = _by_feature(statement.before, misspelt) if statement.before else {}
    requests = _requests(statement.now, misspelt)
    earlier = _requests(statement.before, misspelt) if statement.before else {}
    found = [
        FeatureCost(
            feature,
            requests.get(feature, 0),
            earlier.get(feature, 0),
            now.get(feature, 0),
            before.get(feature, 0),
        )
        for feature in {*now, *before}
    ]
    return sorted(found, key=lambda each: (-each.now, each.feature))


def _by_feature(figures: MonthFigures, misspelt: Mapping[str, str]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in _explained(figures.lines):
        feature = misspelt.get(str(line.feature), str(line.feature))
        sums[feature] = sums.get(feature, 0) + line.amount
    return sums


def _requests(figures: MonthFigures, misspelt: Mapping[str, str]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for feature, count in figures.requests().items():
        name = misspelt.get(feature, feature)
        sums[name] = sums.get(name, 0) + count
    return sums


def _explained(lines: Iterable[FeatureLine]) -> list[FeatureLine]:
    return [line for line in lines if line.cause is None]


def models_of(statement: Statement) -> list[ModelCost]:
    """Cents of models sum to what requests explain."""
    unit = unit_of(statement.currency)
    now = _by_model(statement.now, unit)
    before = _by_model(statement.before, unit) if statement.before else {}
    found = [
        ModelCost(
            model,
            *_pair(now, before, model, 0),
            *_pair(now, before, model, 1),
            *_pair(now, before, model, 2),
        )
        for model in {*now, *before}
    ]
    found = [each for each in found if each.now or each.before or each.unpriced]
    return sorted(found, key=lambda each: (-each.now, -each.before, each.model))


def _pair(
    now: Mapping[str, tuple[int, int, int]],
    before: Mapping[str, tuple[int, int, int]],
    model: str,
    place: int,
) -> tuple[int, int]:
    return now.get(model, (0, 0, 0))[place], before.get(model, (0, 0, 0))[place]


def _by_model(figures: MonthFigures, unit: int) -> dict[str, tuple[int, int, int]]:
    """Cents, tokens, units without a price."""
    exact: dict[str, int] = {}
    tokens: dict[str, int] = {}
    unpriced: dict[str, int] = {}
    for model in figures.models:
        exact[model.model] = exact.get(model.model, 0) + pico(model.cost)
        tokens[model.model] = tokens.get(model.model, 0) + model.tokens
        unpriced[model.model] = unpriced.get(model.model, 0) + model.unpriced
    total = sum(line.amount for line in _explained(figures.lines))
    whole = sum(exact.values())
    fits = -(-whole // unit) >= total >= whole // unit
    cents = split_cents(list(exact.values()), total if fits else nearest_cents(whole, unit), unit)
    return {
        name: (cent, tokens[name], unpriced[name]) for name, cent in zip(exact, cents, strict=True)
    }


def tiers_of(statement: Statement) -> list[tuple[str, int, int, int]]:
    """Tier, requests, cents now and before, dearest first, what names none last."""
    now, before = _by_tier(statement.now), {}
    if statement.before:
        before = _by_tier(statement.before)
    found = [
        (tier, now.get(tier, (0, 0))[0], now.get(tier, (0, 0))[1], before.get(tier, (0, 0))[1])
        for tier in {*now, *before}
    ]
    return sorted(found, key=lambda each: (each[0] == UNALLOCATED, -each[2], each[0]))


def _by_tier(figures: MonthFigures) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for row in figures.rows:
        requests, cents = sums.get(row.owners["tier"], (0, 0))
        sums[row.owners["tier"]] = (requests + row.requests, cents + row.cents)
    return sums


def causes_of(statement: Statement) -> list[CauseCost]:
    """Of what no request explains, money first and what takes away last."""
    now = _by_cause(statement.now.lines)
    before = _by_cause(statement.before.lines) if statement.before else {}
    found = [
        CauseCost(
            cause,
            sum(now.get(cause, {}).values()),
            sum(before.get(cause, {}).values()),
            _owned(now.get(cause, {})),
        )
        for cause in {*now, *before}
    ]
    return sorted(found, key=lambda each: (-each.now, each.cause))


def _owned(teams: Mapping[str, int]) -> list[tuple[str, int]]:
    """Nothing where all is on no team."""
    if not teams.keys() - {UNALLOCATED}:
        return []
    return sorted(teams.items(), key=lambda each: (each[0] == UNALLOCATED, -each[1], each[0]))


def _by_cause(lines: Iterable[FeatureLine]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.cause is not None:
            of_cause = sums.setdefault(line.cause, {})
            of_cause[line.team] = of_cause.get(line.team, 0) + line.amount
    return sums
