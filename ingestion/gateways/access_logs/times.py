"""Times and durations in the forms that a proxy's log has them."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.spans.names import Names
from ingestion.gateways.spans.values import first_number, first_said
from ingestion.reading.exact_numbers import exact
from ingestion.reading.instants import after, epoch_instant, text_instant
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.records import Row

# Counts since 1970 in seconds, milli- and microseconds are larger by the thousand, and nanoseconds
# larger than these.
UNITS: Final = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
DURATION: Final = re.compile(r"([0-9.]{1,24})\s?(ns|us|µs|ms|s)")
MILLISECONDS: Final = {
    "ns": Decimal("0.000001"),
    "us": Decimal("0.001"),
    "µs": Decimal("0.001"),
    "ms": Decimal(1),
    "s": Decimal(1000),
}


def moment(value: Any, name: str) -> datetime:
    """An ISO text, or a count since 1970 in any unit, as a number or a text."""
    counted = exact(value) if isinstance(value, str) else value
    if isinstance(value, str) and counted is None:
        try:
            return text_instant(value, name)
        except Unreadable as refusal:
            refusal.value = shown(value)
            raise
    if isinstance(counted, bool) or not isinstance(counted, int | Decimal):
        reason = "missing" if value is None else "not a time"
        raise Unreadable(name, reason, value=shown(value))
    unit = next((unit for most, unit in UNITS if counted < most), None)
    return epoch_instant(str(counted) if unit else str(counted // 1000), name, unit or 1)


def taken(started: datetime, said: Mapping[str, Any], names: Names) -> Row:
    """Times by the start and how long it took."""
    name, latency = _duration(said, names)
    if latency is None:
        return {"started_at": started, "ended_at": None, "latency_ms": None}
    end = after(started, latency, name)
    return {"started_at": started, "ended_at": end, "latency_ms": float(latency)}


def ended(end: datetime, said: Mapping[str, Any], names: Names) -> Row:
    """Times by the end and how long it took."""
    name, latency = _duration(said, names)
    if latency is None:
        return {"started_at": end, "ended_at": end, "latency_ms": None}
    started = end - (after(end, latency, name) - end)
    return {"started_at": started, "ended_at": end, "latency_ms": float(latency)}


def _duration(said: Mapping[str, Any], names: Names) -> tuple[str, Decimal | None]:
    """Milliseconds as a number, or a text with a unit; None where there is none."""
    told = first_said(said, names)
    found = DURATION.fullmatch(told[1].strip()) if told and isinstance(told[1], str) else None
    if found:
        number = exact(found[1])
        latency = None if number is None else number * MILLISECONDS[found[2]]
    else:
        latency = first_number(said, names)
    known = told is not None and latency is not None and latency >= 0
    return (told[0] if told else "", latency if known else None)
