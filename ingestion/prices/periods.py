"""The moments at which a model's list price can change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from genai_prices.types import ModelInfo, StartDateConstraint, TimeOfDateConstraint

from ingestion.contracts import END, START


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open, UTC."""

    start: datetime
    end: datetime


Constraint = StartDateConstraint | TimeOfDateConstraint


def _constraints(model: ModelInfo) -> Iterator[Constraint]:
    dated = model.prices if isinstance(model.prices, list) else []
    for priced in (*dated, *(model.price_variants or ())):
        if priced.constraint is not None:
            yield priced.constraint


def start_dates(model: ModelInfo) -> list[date]:
    found = _constraints(model)
    return [each.start_date for each in found if isinstance(each, StartDateConstraint)]


def changes_by_the_hour(model: ModelInfo) -> bool:
    return any(isinstance(found, TimeOfDateConstraint) for found in _constraints(model))


def periods(model: ModelInfo, days: list[datetime]) -> Iterator[Period]:
    """Periods in each of which one price holds; prices by the hour change within `days`."""
    moments = {START, END, *days[-1:]}
    for constraint in _constraints(model):
        if isinstance(constraint, StartDateConstraint):
            moments.add(datetime.combine(constraint.start_date, time(), UTC))
        else:
            for edge in (constraint.start_time, constraint.end_time):
                moments.update(day + _since_midnight(edge) for day in days[:-1])
            moments.update(days)
    for start, end in pairwise(sorted(moments)):
        yield Period(start, end)


def midnights(since: date | None, until: date | None) -> list[datetime]:
    """Midnights UTC from `since` to `until`, both given."""
    if since is None or until is None:
        return []
    first = datetime.combine(since, time(), UTC)
    return [first + timedelta(days=n) for n in range((until - since).days + 1)]


def _since_midnight(edge: time) -> timedelta:
    """Time of day in UTC; one without a zone is UTC."""
    moment = datetime.combine(datetime(1970, 1, 2, tzinfo=UTC), edge)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    in_utc = aware.astimezone(UTC).time()
    return timedelta(hours=in_utc.hour, minutes=in_utc.minute, seconds=in_utc.second)
