"""Times of a FOCUS row: its month, and its charge's own period."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.tables.exports import month_of
from ingestion.bills.tables.record import Record

# A spreadsheet's day, whose order only a month's first and last day tell.
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
# Midnight of a first day is in another month's date in UTC, by up to half a day.
_ZONES: Final = timedelta(hours=12)
_LONGEST: Final = timedelta(days=32)

Span = tuple[datetime | None, datetime | None]


def billing_month(record: Record) -> date:
    return month_of(_instant(record, "BillingPeriodStart", _day_first(record)) + _ZONES)


def charge_span(record: Record) -> Span:
    """The hour, day or month of the charge; none where it is paid for longer than a month."""
    day_first = _day_first(record)
    start = _instant(record, "ChargePeriodStart", day_first)
    end = _instant(record, "ChargePeriodEnd", day_first)
    if end < start:
        raise RowError("ChargePeriodEnd", "before ChargePeriodStart")
    if end == start:  # some say the last day, not the day after it
        end += timedelta(days=1)
    return (start, end) if end - start <= _LONGEST else (None, None)


def _instant(record: Record, column: str, day_first: bool) -> datetime:
    value = record.value(column)
    moment = _slashed(value, day_first) if isinstance(value, str) else None
    return moment or record.instant(column)


def _day_first(record: Record) -> bool:
    """Whether `1/10/26` is a day of October: a billing period begins and ends on a first."""
    ends = [record.value(column) for column in ("BillingPeriodStart", "BillingPeriodEnd")]
    days = [_slashed(end, True) for end in ends if isinstance(end, str)]
    return bool(days) and all(day is not None and day.day == 1 for day in days)


def _slashed(text: str, day_first: bool) -> datetime | None:
    found = _SLASHED.fullmatch(text.strip())
    if found is None:
        return None
    first, second, year = (int(part) for part in found.groups())
    day, month = (first, second) if day_first else (second, first)
    try:
        return datetime(year + 2000 * (year < 100), month, day, tzinfo=UTC)
    except ValueError:
        return None
