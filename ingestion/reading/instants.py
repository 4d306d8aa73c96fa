"""Moments as UTC datetimes with microseconds, read from the literal and never through a float."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from ingestion.reading.exact_numbers import exact
from ingestion.reading.unreadable import Unreadable, shown

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = 1_000_000
# As most logs write them: seconds of this century, to the microsecond.
PLAIN_SECONDS: Final = re.compile(r"[0-9]{10}(?:\.[0-9]{0,6})?")
# Milliseconds read as seconds, or a default of zero, must not become a date.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
# Batches take a day or two; a latency in another unit takes years, and moves its request there.
LONGEST: Final = timedelta(days=60)
LONGEST_MS: Final = Decimal(LONGEST.days * 86_400_000)


def epoch_instant(literal: str, field: str, microseconds: int = SECOND) -> datetime:
    """The moment of a count since 1970; one unit of it is `microseconds` long."""
    if microseconds == SECOND and PLAIN_SECONDS.fullmatch(literal):
        whole, _, part = literal.partition(".")
        return _plausible(EPOCH + timedelta(0, int(whole), int(part.ljust(6, "0"))), field)
    counted = exact(literal)
    if counted is None:
        raise Unreadable(field, "not a time")
    try:
        moment = EPOCH + timedelta(microseconds=int((counted * microseconds).to_integral_value()))
    except OverflowError:
        raise Unreadable(field, "not a time") from None
    return _plausible(moment, field)


def nanosecond_instant(count: Any, field: str) -> datetime:
    """The moment of a count of nanoseconds since 1970, as a number or a text."""
    counted = exact(str(count)) if type(count) in (int, str) else None
    if counted is None:
        raise Unreadable(field, "missing" if count is None else "not a time", value=shown(count))
    try:
        return _plausible(EPOCH + timedelta(microseconds=int(counted // 1000)), field)
    except OverflowError:
        raise Unreadable(field, "not a time", value=shown(count)) from None


def text_instant(text: str, field: str, zone: tzinfo = UTC) -> datetime:
    """The moment of an ISO 8601 text; without an offset it is local time of `zone`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable(field, "not a time") from None
    return utc_instant(moment, field, zone)


def utc_instant(moment: datetime, field: str, zone: tzinfo = UTC) -> datetime:
    try:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return _plausible(moment.astimezone(UTC), field)
    except OverflowError:
        raise Unreadable(field, "not a time") from None


def after(moment: datetime, milliseconds: Decimal, field: str) -> datetime:
    """The end of what began at a moment; raises Unreadable for what no request can take."""
    if milliseconds > LONGEST_MS:
        raise Unreadable(field, f"longer than {LONGEST.days} days: check its unit")
    return moment + timedelta(microseconds=int(milliseconds * 1000))


def plausible_end(started: datetime, ended: datetime | None, field: str) -> datetime | None:
    """An end that is no more than `LONGEST` after its start."""
    if ended is not None and ended - started > LONGEST:
        raise Unreadable(field, f"more than {LONGEST.days} days after the start: check its unit")
    return ended


def _plausible(moment: datetime, field: str) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise Unreadable(field, "a time outside the years 2000 to 2199: check its unit")
    return moment
