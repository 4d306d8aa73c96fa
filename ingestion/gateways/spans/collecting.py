"""Collects the spans of one object: calls as requests, and of every span where it stands.

A span that is no call of a model is a record that is foreign: counted, neither landed as a request
nor lost. However many spans an object has, few are rows of Python at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import pyarrow as pa

from ingestion.contracts import REQUEST_CONTEXT, REQUESTS
from ingestion.gateways.spans.context import span_context
from ingestion.gateways.spans.held import opened
from ingestion.gateways.spans.kinds import CALL, kind_of
from ingestion.gateways.spans.langfuse import read_langfuse
from ingestion.gateways.spans.parameters import read_openinference
from ingestion.gateways.spans.request import span_request
from ingestion.gateways.spans.span import Span
from ingestion.reading.collecting import Collected, bytes_hash
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row

# A record's bytes in its object -> the span, None for what is none, or Unreadable
ToSpan = Callable[[bytes], Span | None]
# The rows of a record's calls, none of what is no call, and its rows of `request_context`
Told = tuple[list[Row], list[Row]]
ToTold = Callable[[bytes], Told]
TOGETHER: Final = 10_000
# What the landing adds to a row that is a column.
_ADDED: Final = frozenset(("source", "batch", "object_no"))
_REQUESTS: Final = pa.schema([column for column in REQUESTS if column.name not in _ADDED])
_CONTEXT: Final = pa.schema([column for column in REQUEST_CONTEXT if column.name not in _ADDED])
# A value that no column of the contract holds: the landing says so of its record.
UNFIT: Final = (pa.ArrowException, TypeError, ValueError, OverflowError)


@dataclass(slots=True)
class ContextRecords(Collected):
    """Records that say where they stand in a run, beside the calls that some of them are."""

    _context: list[Row] = field(default_factory=list)

    def add_told(self, record: bytes, offset: int | None, to_told: ToTold) -> None:
        contexts: list[Row] = []

        def to_rows(literal: bytes, record_no: int) -> list[Row]:
            told, made = to_told(literal)
            contexts.extend(context | {"record_no": record_no} for context in made)
            return told

        refused, rows = len(self._parsed.rejects), len(self._parsed.rows["requests"])
        self.add(record, offset, to_rows)
        if len(self._parsed.rejects) > refused:
            return
        if len(self._parsed.rows["requests"]) == rows:
            self._parsed.foreign += 1
        for context in contexts:
            said = (context["join_value"], context["occurred_at"], context["attributes"])
            context["content_hash"] = bytes_hash(repr(said).encode("utf-8", "surrogatepass"))
        self._context += contexts
        if len(self._parsed.rows["requests"]) >= TOGETHER:
            self._land_requests()
        if len(self._context) >= TOGETHER:
            self._land_context()

    def add_foreign(self) -> None:
        """A record of the object that is no span."""
        self._parsed.records += 1
        self._parsed.foreign += 1

    @property
    def parsed(self) -> Parsed:
        self._land_context()
        self._land()
        return self._parsed

    def _land_requests(self) -> None:
        self._land()
        rows = self._parsed.rows["requests"]
        try:
            table = pa.Table.from_pylist(rows, schema=_REQUESTS)
        except UNFIT:
            return
        self._parsed.requests.append(table)
        rows.clear()
        self._landed = 0

    def _land_context(self) -> None:
        if self._context:
            self._parsed.context.append(pa.Table.from_pylist(self._context, schema=_CONTEXT))
            self._context.clear()


@dataclass(slots=True)
class SpanRecords(ContextRecords):
    semantics: UsageSemantics = field(default_factory=UsageSemantics)

    def add_span(self, record: bytes, offset: int | None, to_span: ToSpan) -> None:
        self.add_told(record, offset, partial(self._told, to_span))

    def _told(self, to_span: ToSpan, literal: bytes) -> Told:
        span = to_span(literal)
        if span is None:
            return [], []
        span.said = opened(span.said)
        read_langfuse(span)
        read_openinference(span)
        kind = kind_of(span)
        context = span_context(span, kind, self.named)
        try:
            return [span_request(span, self.semantics)] if kind == CALL else [], [context]
        except Unreadable as refusal:
            refusal.day = span.started.date()
            raise
