"""Bifrost's log store: rows of its table `logs`, or answers of its API, an object each.

A row of the table has objects as JSON in texts, an answer of `/api/logs` has them as such, in a
page of `logs`. Jobs that call no model (lists, batches, files) are foreign.
"""

from typing import Any, Final

import msgspec

from ingestion.gateways.bifrost.row import rows_of
from ingestion.gateways.spans.collecting import ContextRecords
from ingestion.reading.collecting import logged_text
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.json_records import json_records, without_half_characters
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each try of a model and one for each lookup in its cache."""
    collected = ContextRecords(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_told(record, offset, _told)
    return collected.finish(content, end)


def _told(literal: bytes) -> tuple[list[Row], list[Row]]:
    try:
        return rows_of(_decoded(literal)), []
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8", option="save the log as UTF-8") from None


def _decoded(literal: bytes) -> dict[str, Any]:
    try:
        return _RECORD.decode(literal)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # a text that was cut within a character costs no record
        return _RECORD.decode(without_half_characters(literal))
