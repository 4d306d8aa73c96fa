"""The rows of the quarantine: what of an object could not be read, and which days that may be of.

A lost record has no reliable day. It is of its own time where that can be read, else of the days of
the records around it in the object, else of the day or month that the object's name says. What is
cut off reaches from the last record before it to the end of the name's day or month. An end that
nothing tells stays open: the warehouse knows the days of the source's other objects.
"""

import bisect
import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from ingestion.records import Parsed, Reject, Row

DATE_IN_NAME: Final = re.compile(r"(?<!\d)20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_YEAR, _MONTH, _DAY = r"(20\d\d)", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_PART: Final = r"(?:[-_./]|/?(?:month|mm?|day|dd?|hour)=|/)"
_DAYS: Final = re.compile(rf"(?<!\d){_YEAR}{_PART}{_MONTH}{_PART}{_DAY}(?!\d)")
_PLAIN_DAYS: Final = re.compile(rf"(?<!\d){_YEAR}{_MONTH}{_DAY}(?!\d)")
_MONTHS: Final = re.compile(rf"(?<!\d){_YEAR}{_PART}{_MONTH}(?!\d)")


# What tells the day of a request.
DATING: Final = ("record_no", "service_tier", "started_at", "ended_at")


@dataclass(frozen=True, slots=True)
class Days:
    """UTC days, both ends included; None is an end that nobody knows."""

    first: date | None = None
    last: date | None = None


def days_in_name(name: str) -> Days:
    """The last day that an object's name says, or its last month: 2026-10-05, 2026/10, 20261005."""
    for pattern in (_DAYS, _PLAIN_DAYS):
        for year, month, day in reversed(pattern.findall(name)):
            try:
                found = date(int(year), int(month), int(day))
            except ValueError:
                continue
            return Days(found, found)
    if months := _MONTHS.findall(name):
        year, month = int(months[-1][0]), int(months[-1][1])
        last = calendar.monthrange(year, month)[1]
        return Days(date(year, month, 1), date(year, month, last))
    return Days()


def quarantine_rows(name: str, parsed: Parsed, kept: int) -> Iterator[Row]:
    """A row for each of an object's first `kept` rejects, and one that counts the others."""
    if not parsed.rejects:
        return
    named, around = days_in_name(name), _Neighbours(_landed(parsed))
    # what costs more than its own record is told in any case
    rejects = sorted(parsed.rejects, key=lambda each: (each.extent == "record", each.record_no))
    for reject in rejects[:kept]:
        yield _row(name, reject, _days(reject, named, around))
    if rest := rejects[kept:]:
        first = rest[0]
        more = Reject(first.record_no, "more records of this object that cannot be read")
        yield _row(name, more, _all([_days(reject, named, around) for reject in rest]), len(rest))


def _landed(parsed: Parsed) -> Iterator[Row]:
    yield from parsed.rows.get("requests", ())
    for columns in parsed.requests:
        yield from columns.select(DATING).to_pylist()


def _row(name: str, reject: Reject, days: Days, records: int = 1) -> Row:
    return {
        "record_no": reject.record_no,
        "object": name,
        "offset": reject.offset,
        "length": reject.length,
        "hash": reject.hash,
        "field": reject.field,
        "reason": reject.reason,
        "value": reject.value,
        "option": reject.option,
        "extent": reject.extent,
        "records": records,
        "first_day": days.first,
        "last_day": days.last,
    }


def _days(reject: Reject, named: Days, around: "_Neighbours") -> Days:
    if reject.day is not None:
        return Days(reject.day, reject.day)
    before, after = around.of(reject.record_no)
    if reject.extent != "record":
        if before is None:
            return named
        return Days(before, max(before, named.last) if named.last else None)
    near = [day for day in (before, after) if day is not None]
    return Days(min(near), max(near)) if near else named


def _all(several: list[Days]) -> Days:
    firsts = [days.first for days in several if days.first is not None]
    lasts = [days.last for days in several if days.last is not None]
    return Days(
        min(firsts) if len(firsts) == len(several) else None,
        max(lasts) if len(lasts) == len(several) else None,
    )


class _Neighbours:
    """Finds the days of the records that landed before and after another one of the object."""

    def __init__(self, rows: Any) -> None:
        landed = sorted((row["record_no"], _used_on(row)) for row in rows)
        self._numbers = [number for number, _ in landed]
        self._days = [day for _, day in landed]

    def of(self, record_no: int) -> tuple[date | None, date | None]:
        place = bisect.bisect_left(self._numbers, record_no)
        before = self._days[place - 1] if place else None
        after = self._days[place] if place < len(self._days) else None
        return before, after


def _used_on(row: Row) -> date:
    """As stg_landing__requests_in_hand dates a request: a batch by its completion."""
    tier, ended = row.get("service_tier"), row.get("ended_at")
    is_batch = isinstance(tier, str) and tier.lower() == "batch"
    moment: datetime = ended if is_batch and ended is not None else row["started_at"]
    return moment.astimezone(UTC).date()
