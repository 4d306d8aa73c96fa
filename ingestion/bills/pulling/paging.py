"""The pages of a live pull: report by report, grouping by grouping, page by page, all of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.pages.envelope import NotAPage
from ingestion.bills.pages.flat_page import FlatPage
from ingestion.bills.pages.page import Page, PageFormat, read_page
from ingestion.bills.pages.pulls import PulledReport
from ingestion.bills.pulling.reports import Api, Parameters, ReportRequest, Succession
from ingestion.pulling.fetching import (
    UNREACHABLE_ATTEMPTS,
    Client,
    NotOffered,
    Question,
    Refused,
    Transient,
)
from ingestion.pulling.limits import Limits
from ingestion.records import SourceError

_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Pulling:
    client: Client
    limits: Limits
    api: Api
    form: PageFormat
    since: date
    until: date
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pulled:
    """Every page of one report, or of one request for rows."""

    request: ReportRequest
    grouping: tuple[str, ...]
    pages: list[bytes]
    since: date
    until: date
    has_buckets: bool

    def said(self) -> PulledReport:
        return PulledReport(
            report=self.request.report,
            group_by=sorted(self.grouping),
            buckets=(self.until - self.since).days if self.has_buckets else None,
            pages=[hashlib.sha256(data).hexdigest() for data in self.pages],
            since=self.since.isoformat(),
            until=self.until.isoformat(),
        )


def pulled_reports(pulling: Pulling, today: date) -> Iterator[Pulled]:
    """Reports of rows where the API has them, the legacy ones for days before and without them."""
    for succession in pulling.api.reports:
        rows = _rows(pulling, succession, today) if succession.rows else []
        yield from rows
        until = rows[0].since if rows else pulling.until
        if pulling.since < until:
            yield _legacy(pulling, succession.legacy, until)


def _rows(pulling: Pulling, succession: Succession, today: date) -> list[Pulled]:
    first = max(pulling.api.rows_since, today - pulling.api.rows_days * _DAY, pulling.since)
    if first >= pulling.until:
        return []
    found: list[Pulled] = []
    for request in succession.rows:
        try:
            found.append(_of_rows(pulling, request, first))
        except NotOffered as error:
            if not found:
                pulling.notes.append(
                    f"{error} - {succession.legacy.report} was pulled instead, the legacy report:"
                    " its money has neither key nor hour"
                )
                return []
            pulling.notes.append(f"{error} - {request.name} is missing, which only says more")
    return found


def _of_rows(pulling: Pulling, request: ReportRequest, since: date) -> Pulled:
    """Month by month: a call has at most 31 days."""
    pages: list[bytes] = []
    [grouping] = request.groupings
    start = since
    while start < pulling.until:
        after = (start.replace(day=1) + 32 * _DAY).replace(day=1)
        end = min(after, pulling.until)
        for data, page in _pages(pulling, request, grouping, start, end):
            _check_rows(page, request, start, end)
            pages.append(data)
        start = end
    return Pulled(request, grouping, pages, since, pulling.until, has_buckets=False)


def _check_rows(page: Page | FlatPage, request: ReportRequest, start: date, end: date) -> None:
    if isinstance(page, Page) and page.buckets:
        raise NotOffered(f"{request.path} answered another report")
    first, last = (datetime.combine(day, time(), UTC) for day in (start, end))
    rows = [row for row in getattr(page, "rows", ()) if not isinstance(row, RowError)]
    if any(row.span[0] < first or row.span[1] > last for row in rows):
        raise SourceError(f"{request.path} answered with other days than {start} to before {end}")


def _legacy(pulling: Pulling, request: ReportRequest, until: date) -> Pulled:
    """The finest grouping that the API takes, and every page of it."""
    refusal: Refused | None = None
    for grouping in request.groupings:
        try:
            pages = _pages(pulling, request, grouping, pulling.since, until)
            kept = _checked(request, pages, pulling.since, until)
        except Refused as error:
            refusal = error
        else:
            return Pulled(request, grouping, kept, pulling.since, until, has_buckets=True)
    raise refusal or ValueError("a report without groupings")


def _pages(
    pulling: Pulling, request: ReportRequest, grouping: tuple[str, ...], since: date, until: date
) -> Iterator[tuple[bytes, Page | FlatPage]]:
    asked: Parameters = [
        *pulling.api.window(since, until),
        request.width,
        ("limit", str(request.limit)),
        *((pulling.api.group_parameter, column) for column in grouping),
    ]

    def understand(data: bytes) -> Page | FlatPage:
        return _understood(data, pulling, request)

    token: str | None = None
    seen: set[str] = set()
    for number in range(1, pulling.limits.most["max_pages"] + 2):
        pulling.limits.check_pages(request.path, number)
        parameters = [*asked, ("page", token)] if token else asked
        question = Question(request.path, parameters, request.headers_of(grouping))
        data, page = pulling.client.ask(question, understand)
        yield data, page
        if not page.has_more:
            return
        token = page.next_page
        if not token:
            raise SourceError(f"{request.path} promises more but names no next page: run again")
        if token in seen:
            raise SourceError(f"{request.path} gives the same page again and again: run again")
        seen.add(token)


def _understood(data: bytes, pulling: Pulling, request: ReportRequest) -> Page | FlatPage:
    try:
        page = read_page(data, request.path, pulling.form)
    except NotAPage as error:
        but = "not JSON but " if error.is_foreign and data.lstrip()[:1] not in (b"{", b"[") else ""
        said = f"{request.path} answered {but}{error}: check base_url"
        if error.is_cut:
            raise Transient(said, UNREACHABLE_ATTEMPTS) from None
        raise SourceError(said) from None
    if page.report not in (None, request.report):
        raise NotOffered(f"{request.path} answered another report: check base_url")
    return page


def _checked(
    request: ReportRequest,
    pages: Iterator[tuple[bytes, Page | FlatPage]],
    since: date,
    until: date,
) -> list[bytes]:
    """Every day once: APIs cut what they return without an error."""
    kept = []
    starts: list[datetime] = []
    for data, page in pages:
        kept.append(data)
        starts.extend(bucket.start for bucket in getattr(page, "buckets", ()))
    midnight = datetime.combine(since, time(), UTC)
    days = [midnight + n * _DAY for n in range((until - since).days)]
    if sorted(starts) != days:
        raise SourceError(
            f"{request.path} returned {len(starts)} buckets for the {len(days)} days from "
            f"{since} to before {until}: run again, or ask for fewer days"
        )
    return kept
