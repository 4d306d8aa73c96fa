"""One page of a report that answers in rows instead of buckets, each with its own period.

Such a report is paged by the size of its rows, so a period's rows stand on several pages, and a
page says neither what it was grouped by nor which pull it is of.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.bills.lines.amounts import RowError, normal
from ingestion.bills.lines.json_values import json_object
from ingestion.bills.pages.envelope import UNREADABLE, FlatEnvelope, NotAPage
from ingestion.records import Row

Span = tuple[datetime, datetime]
# The API's words for widths, by the longest seconds that they have.
_WIDTHS: Final = ((60, "1m"), (3600, "1h"))


@dataclass(frozen=True, slots=True)
class FlatRow:
    """One row. `keys` are the group columns that it fills, `measures` money by currency (in whole
    units of it) or quantities by meter."""

    raw: str
    span: Span
    keys: Mapping[str, str]
    measures: Mapping[str, Decimal]
    content: bytes  # hash of the canonical row, to compare two of one key

    @property
    def key(self) -> tuple[Span, frozenset[tuple[str, str]]]:
        """What a query has once."""
        return self.span, frozenset(self.keys.items())


@dataclass(frozen=True, slots=True)
class FlatFormat:
    """What tells one provider's row reports apart."""

    reports: tuple[str, ...]
    report_of: Callable[[Sequence[Mapping[str, Any]]], str | None]
    # (span, keys, measures) of a row; raises RowError
    read: Callable[[Mapping[str, Any], str], tuple[Span, dict[str, str], dict[str, Decimal]]]
    # the rows that it becomes, of what is known of its keys; raises RowError
    rows: Callable[[Mapping[str, str], Mapping[str, Decimal], str], tuple[str, list[Row]]]
    never_null: tuple[str, ...]  # group columns that are filled in every row once grouped by
    overlapping: tuple[str, ...]  # group columns whose rows count a thing more than once
    free: tuple[str, ...]  # group columns that do not count against `most_columns`
    most_columns: int
    details: tuple[str, ...]  # columns that a second query has where the first had no room


@dataclass(frozen=True, slots=True)
class FlatPage:
    name: str
    digest: str
    report: str | None  # None: it has no row
    rows: tuple[FlatRow | RowError, ...]
    has_more: bool
    next_page: str | None
    refreshed: datetime | None

    @property
    def read(self) -> list[FlatRow]:
        return [row for row in self.rows if isinstance(row, FlatRow)]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(key for row in self.read for key in row.keys)

    @property
    def width(self) -> str:
        seconds = max(((r.span[1] - r.span[0]).total_seconds() for r in self.read), default=0)
        return next((word for most, word in _WIDTHS if seconds <= most), "1d")


def read_flat_page(content: bytes, envelope: FlatEnvelope, name: str, form: FlatFormat) -> FlatPage:
    """Raises NotAPage where the rows are of no report that is part of a bill."""
    raws = [bytes(raw).decode() for raw in envelope.data]
    fields = [json_object(raw) for raw in raws]
    readable = [each for each in fields if not isinstance(each, RowError)]
    if raws and not readable:
        raise NotAPage(UNREADABLE)
    report = form.report_of(readable) if raws else None
    if raws and report is None:
        raise NotAPage("a report that is not part of the bill")
    rows = tuple(
        each if isinstance(each, RowError) else _row(raw, each, report or "", form)
        for raw, each in zip(raws, fields, strict=True)
    )
    filled = {key for row in rows if isinstance(row, FlatRow) for key in row.keys}
    for column in form.overlapping:
        if column in filled:
            raise NotAPage(
                f"grouped by {column}, whose rows count the same money more than once (save it"
                f" without {column})"
            )
    more = envelope.next_page is not None if envelope.has_more is None else envelope.has_more
    return FlatPage(
        name=name,
        digest=hashlib.sha256(content).hexdigest(),
        report=report,
        rows=rows,
        has_more=more,
        next_page=envelope.next_page,
        refreshed=_moment(envelope.data_refreshed_at),
    )


@dataclass(slots=True)
class Shared:
    """Spans and keys that many rows have alike, once: an index of a month is mostly these."""

    spans: dict[Span, Span] = field(default_factory=dict)
    keys: dict[frozenset[tuple[str, str]], Mapping[str, str]] = field(default_factory=dict)

    def indexed(self, page: FlatPage) -> FlatPage:
        """What decides which rows stand, without what they say."""
        return replace(page, rows=tuple(map(self._row, page.rows)))

    def _row(self, row: FlatRow | RowError) -> FlatRow | RowError:
        if isinstance(row, RowError):
            return row
        span = self.spans.setdefault(row.span, row.span)
        keys = self.keys.setdefault(frozenset(row.keys.items()), row.keys)
        return FlatRow("", span, keys, row.measures, row.content)


def empty_page(name: str, digest: str) -> FlatPage:
    """A page that says that there is nothing."""
    return FlatPage(name, digest, None, (), has_more=False, next_page=None, refreshed=None)


def _row(raw: str, fields: Mapping[str, Any], report: str, form: FlatFormat) -> FlatRow | RowError:
    try:
        span, keys, measures = form.read(fields, report)
        form.rows(keys, measures, report)
        content = msgspec.json.encode(normal(fields), order="deterministic")
    except RowError as error:
        return error
    return FlatRow(raw, span, keys, measures, hashlib.blake2b(content, digest_size=16).digest())


def _moment(value: Any) -> datetime | None:
    """When the provider last brought its data up to date; None where it does not say."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
