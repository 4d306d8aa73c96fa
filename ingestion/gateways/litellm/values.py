"""Times and money of a LiteLLM record, read from the literals in the log."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec import DecodeError, Raw
from msgspec.json import Decoder

from ingestion.gateways.litellm.record import Record
from ingestion.reading.exact_numbers import MOST, exact
from ingestion.reading.instants import epoch_instant, plausible_end, text_instant
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.records import Row

_ANY: Final = Decoder()
# As LiteLLM writes most claims: within every bound of `exact` and of MOST.
PLAIN_AMOUNT: Final = re.compile(r"[0-9]{1,9}\.[0-9]{1,25}")
MILLISECOND: Final = timedelta(milliseconds=1)


def read_times(record: Record) -> Row:
    started = started_at(record)
    ended = _moment(record.ended, "endTime")
    first_token = _first_token(record)
    ended = plausible_end(started, ended, "endTime")
    return {
        "started_at": started,
        "ended_at": ended,
        "latency_ms": (ended - started) / MILLISECOND if ended and ended >= started else None,
        # without a stream LiteLLM repeats the end here
        "ttft_ms": (first_token - started) / MILLISECOND
        if first_token and ended and started <= first_token < ended
        else None,
    }


def started_at(record: Record) -> datetime:
    started = _moment(record.started, "startTime")
    if started is None:
        raise Unreadable("startTime", "missing")
    return started


def _first_token(record: Record) -> datetime | None:
    """Nothing to bill hangs on it, so a strange one is none."""
    try:
        return _moment(record.completion_started, "completionStartTime")
    except Unreadable:
        return None


def day_of(literal: Raw) -> date | None:
    """The UTC day of a record that cannot be read, where its start can."""
    try:
        started = _moment(literal, "startTime")
    except (Unreadable, UnicodeDecodeError):
        return None
    return started.date() if started else None


def _moment(literal: Raw, field: str) -> datetime | None:
    try:
        return _instant(literal, field)
    except Unreadable as refusal:
        refusal.value = _shown(literal)
        raise


def _shown(literal: Raw) -> str:
    """Of JSON, see `shown`."""
    try:
        return shown(_ANY.decode(literal))
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return f"{len(bytes(literal))} bytes"


def _instant(literal: Raw, field: str) -> datetime | None:
    """Epoch seconds in log objects, ISO 8601 in SpendLogs, where naive is UTC."""
    said = bytes(literal).decode()
    if said in ("null", "", '""'):
        return None
    if not said.startswith('"'):
        return epoch_instant(said, field)
    said = said.strip('"')
    return (
        epoch_instant(said, field) if said.replace(".", "").isdigit() else text_instant(said, field)
    )


def claimed_cost(literal: Raw) -> Decimal | None:
    said = bytes(literal).decode()
    if PLAIN_AMOUNT.fullmatch(said):
        return Decimal(said)
    said = said.strip('"')
    if said in ("null", ""):
        return None
    cost = exact(said)
    if cost is None:
        raise Unreadable("response_cost", "not a number", value=_shown(literal))
    if abs(cost) >= MOST:
        raise Unreadable("response_cost", "not an amount of money", value=_shown(literal))
    return cost
