"""Records of Azure Monitor: resource logs in storage or an Event Hub, rows of Log Analytics.

A resource log has a category and `properties`, an object or JSON in a text. A row of Log Analytics
has the same fields as columns: in upper case, in AzureDiagnostics with their type (`location_s`).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import text_instant
from ingestion.reading.records.json_records import without_half_characters
from ingestion.reading.tags import json_value
from ingestion.reading.unreadable import Unreadable, misfit, shown

TYPED: Final = re.compile(r"_[sdbtg]$")
# Failures that Azure may charge: a prompt that was filtered or too long, a call that timed out.
MAY_BE_BILLED: Final = frozenset((400, 408))
TIME: Final = ("time", "timegenerated")
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def monitor_record(literal: bytes) -> dict[str, Any]:
    """Its fields and those of its properties by lower-case name, a property's before."""
    try:
        record = _decoded(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8", option="save the log as UTF-8") from None
    said = _by_name(record)
    held = said.pop("properties", None)
    properties = json_value(held) if isinstance(held, str) else held
    return said | _by_name(properties) if isinstance(properties, dict) else said


def started_at(said: Mapping[str, Any]) -> datetime:
    time = next((said[name] for name in TIME if said.get(name) is not None), None)
    if not isinstance(time, str):
        raise Unreadable("time", "missing or not a text", value=shown(time))
    return text_instant(time, "time")


def category_of(said: Mapping[str, Any]) -> str:
    """The category of a resource log, else the table of a row, in lower case."""
    named = (said.get(name) for name in ("category", "type"))
    return next((name.strip().lower() for name in named if isinstance(name, str)), "")


def _decoded(literal: bytes) -> dict[str, Any]:
    try:
        return _RECORD.decode(literal)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # a text that was cut within a character costs no record
        return _RECORD.decode(without_half_characters(literal))


def _by_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {TYPED.sub("", name.lower().lstrip("_")): value for name, value in fields.items()}
