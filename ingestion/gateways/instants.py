"""Moments as UTC datetimes with microseconds, read from the literal and never through a float."""

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final

from ingestion.gateways.unreadable import Unreadable

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Milliseconds read as seconds, or a default of zero, must not become a date.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


def epoch_instant(literal: str, field: str, microseconds: int = 1_000_000) -> datetime:
    """The moment of a count since 1970; one unit of it is `microseconds` long."""
    try:
        counted = int((Decimal(literal) * microseconds).to_integral_value())
        moment = EPOCH + timedelta(microseconds=counted)
    except (InvalidOperation, OverflowError, ValueError):
        raise Unreadable(field, "not a time") from None
    return _plausible(moment, field)


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


def after(moment: datetime, milliseconds: Decimal) -> datetime:
    return moment + timedelta(microseconds=int(milliseconds * 1000))


def _plausible(moment: datetime, field: str) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise Unreadable(field, "a time outside the years 2000 to 2199: check its unit")
    return moment
