"""Portkey's logs: the feed of its gateway, the export of hosted Portkey, a company's log store.

The feed `/log/stream` as it was saved (server-sent events) or as JSON lines of its records, of the
open gateway, 1.15; an export's JSON lines; objects `30/<organisation>/…/<id>.json` of a log store.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

import msgspec

from ingestion.gateways.access_logs.usage import SEMANTICS
from ingestion.gateways.bodies.body import first_in
from ingestion.gateways.portkey import gateway_log, hosted_log
from ingestion.gateways.portkey.call import Call, moment
from ingestion.gateways.portkey.hosted_log import TIME
from ingestion.gateways.portkey.row import portkey_rows
from ingestion.gateways.spans.collecting import ContextRecords, Told
from ingestion.reading.collecting import logged_text, whole_lines
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM, LINE_END, json_records
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"
EVENTS: Final = re.compile(rb"\s*(?:event|data|id|retry)?:")
LOG: Final = b"log"
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    """Of what Portkey itself counts; an answer's own total goes before it."""
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each attempt."""
    collected = ContextRecords(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    if EVENTS.match(content.data.removeprefix(BOM)):
        return _events(content, collected)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_told(record, offset, _told)
    return collected.finish(content, end)


def _events(content: Decompressed, collected: ContextRecords) -> Parsed:
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    for offset, record in _logged(whole):
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_told(record, offset, _told)
    return collected.finish(content, end)


def _logged(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The data of each event that is a log; the feed sends it on one line."""
    event, start = LOG, 0
    while start < len(data):
        found = LINE_END.search(data, start)
        end, after = (found.start(), found.end()) if found else (len(data), len(data))
        field, _, value = data[start:end].partition(b":")
        if field == b"event":
            event = value.strip()
        elif field == b"data" and event == LOG:
            yield end - len(value.lstrip()), value.strip()
        elif not field:
            event = LOG
        start = after


def _told(literal: bytes) -> Told:
    try:
        record = _RECORD.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    try:
        return [row for call in _calls(record) for row in portkey_rows(call, literal)], []
    except Unreadable as refusal:
        refusal.day = refusal.day or _day(record)
        raise


def _day(record: dict[str, Any]) -> date | None:
    attempt = first_in(record, gateway_log.ATTEMPTS)
    try:
        return moment(attempt, "createdAt").date() if attempt else moment(record, TIME).date()
    except Unreadable:
        return None


def _calls(record: dict[str, Any]) -> list[Call]:
    if gateway_log.ATTEMPTS in record:
        return gateway_log.calls_of(record)
    read: Callable[[dict[str, Any]], Call] = (
        hosted_log.stored_call if hosted_log.is_stored(record) else hosted_log.exported_call
    )
    return [read(record)]
