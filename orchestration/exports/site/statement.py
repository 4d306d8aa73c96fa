"""What a month's statement says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from orchestration.cents.features import FeatureLine
from orchestration.cents.posted import PostedLine
from orchestration.exports.site.wording.names import Names

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Invoice:
    """`payable`: in cents, None where there is none yet."""

    provider: str
    billing_account: str | None
    invoice_id: str | None
    payable: int | None
    attributed: int
    unexplained: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class Row:
    """Of showback.csv, in cents. `models`: those of each model, of what requests explain."""

    owners: Mapping[str, str]
    requests: int
    cents: int
    models: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Model:
    """`cost`: exact, of what requests explain and a price is known of. `unpriced`: other units."""

    team: str
    model: str
    cost: Decimal
    tokens: int
    unpriced: int


@dataclass(frozen=True)
class MonthFigures:
    """`days`: team and feature -> day -> exact cost of what requests explain."""

    month: date
    posted: Sequence[PostedLine]
    lines: Sequence[FeatureLine]
    rows: Sequence[Row]
    models: Sequence[Model]
    days: Mapping[tuple[str, str], Mapping[date, Decimal]] = field(default_factory=dict)

    @cached_property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @cached_property
    def is_estimate(self) -> bool:
        return any(line.is_estimate for line in self.lines)

    @property
    def unpriced(self) -> int:
        """Units, of whatever meter, that no bill has yet and no price covers."""
        return sum(model.unpriced for model in self.models)

    def requests(self) -> dict[str, int]:
        """By feature."""
        found: dict[str, int] = {}
        for row in self.rows:
            feature = row.owners["feature"]
            found[feature] = found.get(feature, 0) + row.requests
        return found

    def by_team(self) -> dict[str, "MonthFigures"]:
        """Of each team its own, and nothing else."""
        posted = _grouped(self.posted, lambda line: str(line.row["team"]))
        lines = _grouped(self.lines, lambda line: line.team)
        rows = _grouped(self.rows, lambda row: row.owners["team"])
        models = _grouped(self.models, lambda model: model.team)
        days = _grouped(self.days.items(), lambda each: each[0][0])
        return {
            team: MonthFigures(
                self.month,
                posted.get(team, []),
                lines.get(team, []),
                rows.get(team, []),
                models.get(team, []),
                dict(days.get(team, [])),
            )
            for team in {*posted, *lines, *rows}
        }


def _grouped(values: Iterable[T], team: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for value in values:
        found.setdefault(team(value), []).append(value)
    return found


@dataclass(slots=True)
class Statement:
    """`before`: the month before, None where the marts have none. `locale`: of its numbers."""

    company: str
    locale: str
    status: str
    basis: str
    currency: str
    invoices: Sequence[Invoice]
    now: MonthFigures
    before: MonthFigures | None
    names: Names

    @property
    def month(self) -> date:
        return self.now.month

    @property
    def is_missing(self) -> bool:
        """Whether an account has no invoice yet."""
        return any(invoice.payable is None for invoice in self.invoices)

    @property
    def is_tied(self) -> bool:
        return not self.is_missing and all(invoice.unexplained == 0 for invoice in self.invoices)


def statements_of_teams(statement: Statement) -> dict[str, Statement]:
    """Of each team one that has its own money and no invoice."""
    now = statement.now.by_team()
    before = statement.before.by_team() if statement.before else {}
    nothing = MonthFigures(month_before(statement.month), [], [], [], [])
    return {
        team: replace(
            statement,
            invoices=(),
            now=figures,
            before=before.get(team, nothing) if statement.before else None,
        )
        for team, figures in now.items()
    }


def month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
