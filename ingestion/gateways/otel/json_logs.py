"""Log records of OTLP/JSON: `{"resourceLogs": [...]}`, a line of them each, as collectors write it.

A record's attributes are an event's fields. What else stands in a collector's file, metrics and
spans, is foreign.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from ingestion.gateways.otel.attributes import Attribute, plain, plain_value
from ingestion.gateways.otel.json_lines import LOGS, Lines, Resource
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import nanosecond_instant, text_instant
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.records import Parsed


class _ScopeLogs(Struct, rename="camel"):
    log_records: list[Raw] | None = None


class _ResourceLogs(Struct, rename="camel"):
    resource: Resource | None = None
    scope_logs: list[_ScopeLogs] | None = None


class _Record(Struct, rename="camel"):
    time_unix_nano: Any = None
    observed_time_unix_nano: Any = None
    body: dict[str, Any] | None = None
    attributes: list[Attribute] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One log record: its name, when it was logged, what it says and what its process is."""

    name: str
    said: Mapping[str, Any]
    resource: Mapping[str, Any]
    times: tuple[Any, Any]

    @property
    def moment(self) -> datetime:
        said = self.said.get("event.timestamp")
        if isinstance(said, str) and said.strip():
            return text_instant(said, "event.timestamp")
        logged = next((each for each in self.times if each not in (None, 0, "0", "")), None)
        return nanosecond_instant(logged, "timeUnixNano")


# An event -> the call that it tells, None for one that tells none, or Unreadable
ToCall = Callable[[Event, bytes], Span | None]

_LINES: Final = Lines(LOGS, _ResourceLogs)
_RECORD: Final = msgspec.json.Decoder(_Record, float_hook=json_number)


def read_events(collected: SpanRecords, content: Decompressed, to_call: ToCall) -> Parsed:
    lines, end = json_records(content.data, damaged=content.damage is not None)
    for offset, line in lines:
        try:
            records = _records(line)
        except Unreadable as refusal:
            if collected.is_full(line, offset):
                return collected.parsed
            collected.add_span(line, offset, _refused(refusal))
            continue
        if records is None:
            collected.add_foreign()
            continue
        position = 0
        for literal, resource in records:
            record = bytes(literal)
            position = line.index(record, position)
            if collected.is_full(record, offset + position):
                return collected.parsed
            _add(collected, record, offset + position, resource, to_call)
            position += len(record)
    return collected.finish(content, end)


def _records(line: bytes) -> Iterator[tuple[Raw, Mapping[str, Any]]] | None:
    """Log records of a line, each as its bytes; None for a line of another signal."""
    of_resources = _LINES.items(line)
    return None if of_resources is None else _of(of_resources)


def _of(of_resources: list[_ResourceLogs]) -> Iterator[tuple[Raw, Mapping[str, Any]]]:
    for each in of_resources:
        resource = plain(each.resource.attributes) if each.resource else {}
        for of_scope in each.scope_logs or ():
            for record in of_scope.log_records or ():
                yield record, resource


def _add(
    collected: SpanRecords,
    record: bytes,
    offset: int,
    resource: Mapping[str, Any],
    to_call: ToCall,
) -> None:
    event: Event | None = None
    try:
        event = _event(record, resource)
        call = to_call(event, record)
    except Unreadable as refusal:
        refusal.day = _day(event) if event else None
        collected.add_span(record, offset, _refused(refusal))
        return
    if call is None:
        collected.add_foreign()
    else:
        collected.add_span(record, offset, lambda _: call)


def _event(record: bytes, resource: Mapping[str, Any]) -> Event:
    try:
        said = _RECORD.decode(record)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    # the line was cut into its records without a look into their texts
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    except RecursionError:
        raise Unreadable(None, "nested too deeply") from None
    attributes = plain(said.attributes)
    body = plain_value(said.body)
    named = attributes.get("event.name")
    name = named if isinstance(named, str) else body
    times = (said.time_unix_nano, said.observed_time_unix_nano)
    return Event(name if isinstance(name, str) else "", attributes, resource, times)


def _day(event: Event) -> date | None:
    try:
        return event.moment.date()
    except Unreadable:
        return None


def _refused(refusal: Unreadable) -> Callable[[bytes], Span]:
    def refuse(literal: bytes) -> Span:
        raise refusal

    return refuse
