"""One saved page of a cost or usage API: buckets of results, recognised by content alone."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from ingestion.bills.lines.amounts import RowError, normal
from ingestion.bills.lines.json_values import json_object, json_value
from ingestion.bills.pages.envelope import (
    UNREADABLE,
    FlatEnvelope,
    NotAPage,
    content_of,
    read_envelope,
)
from ingestion.bills.pages.flat_page import FlatFormat, FlatPage, read_flat_page
from ingestion.records import Row, SourceError

Span = tuple[datetime, datetime]
Rows = list[tuple[str, Row]]  # (table, row)


@dataclass(frozen=True, slots=True)
class PageFormat:
    """What tells one provider's pages apart; everything else about pages is shared."""

    provider: str
    start_key: str
    end_key: str
    instant: Callable[[Any], datetime]  # raises ValueError
    report_of: Callable[[Sequence[Mapping[str, Any]]], str | None]
    # Group columns of a report: (never NULL once grouped by, may be NULL for some rows).
    columns: Callable[[str], tuple[tuple[str, ...], tuple[str, ...]]]
    read_result: Callable[[Mapping[str, Any], str], Rows]  # raises RowError
    cost_report: str
    save: str  # which answers of the API to save by hand
    # Names for what an API shows as NULL: (group column, field of the row, name).
    null_names: tuple[tuple[str, str, str], ...] = ()
    flat: FlatFormat | None = None  # where the provider has reports of rows without buckets
    # where a row depends on rows of other pages
    beside: "Callable[[], Beside] | None" = None


class Beside(Protocol):
    """What rows of other pages say of a row: first each is noted, then each is corrected."""

    def note(self, report: str, start: datetime, table: str, row: Row) -> None: ...

    def correct(self, table: str, row: Row) -> None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """One result object: its JSON verbatim and the rows it says, or why it says none."""

    raw: str
    rows: Rows
    error: RowError | None


@dataclass(frozen=True, slots=True)
class Bucket:
    span: Span
    results: tuple[Result, ...]  # empty in an index, which knows `sums`
    content: bytes  # hash of the canonical results, sorted: their order says nothing
    sums: Mapping[str, Decimal] | None = None

    @property
    def start(self) -> datetime:
        return self.span[0]

    def indexed(self) -> "Bucket":
        """What decides whether it stands, without its rows."""
        return replace(self, results=(), sums=self.totals())

    def totals(self) -> Mapping[str, Decimal]:
        """Money per currency or quantity per meter, to compare two groupings of one bucket."""
        if self.sums is not None:
            return self.sums
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for _, row in (pair for result in self.results for pair in result.rows):
            if "billing_currency" in row:
                sums[row["billing_currency"]] += row["billed_cost_in_billing_currency"]
            else:
                sums[row["meter"]] += Decimal(row["quantity"])
        return sums


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    digest: str
    report: str | None  # None: no bucket has a result
    columns: frozenset[str]  # group columns that some result fills
    certain: frozenset[str]  # those of them that are never NULL once grouped by
    buckets: tuple[Bucket, ...]
    has_more: bool
    next_page: str | None
    width: str

    @property
    def end(self) -> datetime:
        return max(bucket.span[1] for bucket in self.buckets)

    def indexed(self) -> "Page":
        return replace(self, buckets=tuple(bucket.indexed() for bucket in self.buckets))


_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])
# The JSON of one result and its fields, or why they cannot be read.
_Part = tuple[str, Mapping[str, Any] | RowError]


def read_page(data: bytes, name: str, form: PageFormat) -> Page | FlatPage:
    """Raises NotAPage, or SourceError where the page is another provider's."""
    content = content_of(data)
    envelope = read_envelope(content)
    if isinstance(envelope, FlatEnvelope):
        if form.flat is None:
            raise _foreign(name, "an Anthropic", form)
        return read_flat_page(content, envelope, name, form.flat)
    parts = [_bucket_parts(bucket, name, form) for bucket in envelope.data]
    results = [result for _, of_bucket in parts for _, result in of_bucket]
    fields = [result for result in results if not isinstance(result, RowError)]
    if results and not fields:
        raise NotAPage(UNREADABLE)
    report = form.report_of(fields) if results else None
    if results and report is None:
        raise NotAPage("a report that is not part of the bill")
    more = envelope.next_page is not None if envelope.has_more is None else envelope.has_more
    never_null, nullable = form.columns(report) if report else ((), ())
    filled = {key for result in fields for key, value in result.items() if value is not None}
    return Page(
        name=name,
        digest=hashlib.sha256(content).hexdigest(),
        report=report,
        columns=frozenset(filled.intersection((*never_null, *nullable))),
        certain=frozenset(filled.intersection(never_null)),
        buckets=_once(name, [_bucket(span, rs, report, form) for span, rs in parts]),
        has_more=more,
        next_page=envelope.next_page,
        width=_width(parts[0][0]) if parts else "1d",
    )


def _bucket_parts(
    bucket: Mapping[str, msgspec.Raw], name: str, form: PageFormat
) -> tuple[Span, list[_Part]]:
    other = {"start_time": "an OpenAI", "starting_at": "an Anthropic"}
    if form.start_key not in bucket:
        for key in other.keys() & bucket.keys():
            raise _foreign(name, other[key], form)
    try:
        start, end = (
            form.instant(json_value(bucket[key])) for key in (form.start_key, form.end_key)
        )
        raws = [bytes(raw).decode() for raw in _raw_lists.decode(bucket["results"])]
    except (KeyError, ValueError, ArithmeticError, OSError, RecursionError):
        raise NotAPage("a bucket without start, end or results") from None
    if end <= start or not all(raw.lstrip().startswith("{") for raw in raws):
        raise NotAPage("a bucket that ends before it starts or holds no result objects")
    return (start, end), [(raw, json_object(raw)) for raw in raws]


def _foreign(name: str, whose: str, form: PageFormat) -> SourceError:
    return SourceError(
        f"{name} is {whose} page, but its bill has format {form.provider}: "
        "move it to a bill of its own format"
    )


def _bucket(
    span: Span,
    results: Sequence[_Part],
    report: str | None,
    form: PageFormat,
) -> Bucket:
    read = [_result(raw, fields, report or "", form) for raw, fields in results]
    content = sorted(
        raw.encode()
        if isinstance(fields, RowError)
        else msgspec.json.encode(normal(fields), order="deterministic")
        for raw, fields in results
    )
    digest = hashlib.blake2b(digest_size=16)
    for each in content:
        digest.update(b"%d:" % len(each) + each)
    return Bucket(span, tuple(read), digest.digest())


def _once(name: str, buckets: Sequence[Bucket]) -> tuple[Bucket, ...]:
    """Equal repeats of a bucket collapse."""
    by_start: dict[datetime, Bucket] = {}
    for bucket in buckets:
        if by_start.setdefault(bucket.start, bucket).content != bucket.content:
            raise SourceError(
                f"{name} holds the bucket {bucket.start:%Y-%m-%dT%H:%M:%SZ} twice with different "
                "rows: save the page again"
            )
    return tuple(by_start.values())


def _result(
    raw: str, fields: Mapping[str, Any] | RowError, report: str, form: PageFormat
) -> Result:
    if isinstance(fields, RowError):
        return Result(raw, [], fields)
    try:
        return Result(raw, form.read_result(fields, report), None)
    except RowError as error:
        return Result(raw, [], error)


def _width(span: Span) -> str:
    """The API's word for the bucket's length; a cut first bucket counts as a whole one."""
    seconds = (span[1] - span[0]).total_seconds()
    if seconds <= 60:
        return "1m"
    return "1h" if seconds <= 3600 else "1d"
