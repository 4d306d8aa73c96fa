"""Live pull of a bill: raw pages verbatim into `pull-<UTC stamp>/`, `pull.json` last.

Readers ignore the folder until `pull.json` is there, so a pull that breaks off leaves nothing
that counts.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final, Protocol

import msgspec

from ingestion.bills.envelope import NotAPage
from ingestion.bills.fetching import Client, Refused
from ingestion.bills.page import Page, PageFormat, read_page
from ingestion.bills.pulls import MARKER, PulledReport, PullMarker
from ingestion.bills.registry import PAGES
from ingestion.bills.reports import APIS, Api, Parameters, ReportRequest
from ingestion.records import SourceError
from ingestion.workspace import Bill

BUCKET_WIDTH: Final = "1d"


class Folder(Protocol):
    """What a pull needs of the storage."""

    def put(self, name: str, data: bytes) -> None: ...
    def child(self, path: str) -> "Folder": ...


@dataclass(frozen=True, slots=True)
class _Pulling:
    where: str
    client: Client
    api: Api
    form: PageFormat
    since: date
    until: date


def _now() -> datetime:
    return datetime.now(UTC)


def pull(
    bill: Bill,
    key: str,
    folder: Folder,
    since: date,
    until: date,
    *,
    clock: Callable[[], datetime] = _now,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Saves every report of the UTC days since (inclusive) .. until (exclusive).

    Raises SourceError, one sentence that never has the key; the pull then has no `pull.json`.
    """
    where = f"bill {bill.name}"
    if bill.api is None:
        raise SourceError(f"{where} has no `api`: add one, or save its pages in its location")
    if since >= until:
        raise SourceError(f"{where}: no day from {since} to before {until}: correct the dates")
    key = key.strip()
    if not key:
        raise SourceError(f"{where}: {bill.api.key_variable} is empty: put the admin key there")
    if not re.fullmatch(r"[!-~]+", key):
        raise SourceError(f"{where}: {bill.api.key_variable} has characters that no key has")
    api = APIS[bill.format]
    client = Client(api.base_url(bill.api.base_url), api.headers(key), key, sleep)
    pulling = _Pulling(where, client, api, PAGES[bill.format], since, until)
    started = clock().astimezone(UTC)
    pull_id = f"pull-{started:%Y%m%dT%H%M%S%fZ}"
    try:
        _save(pulling, folder.child(pull_id), pull_id, started)
    except SourceError as error:
        message = str(error)
        raise SourceError(message if message.startswith(where) else f"{where}: {message}") from None


def _save(pulling: _Pulling, folder: Folder, pull_id: str, started: datetime) -> None:
    reports = []
    for request in pulling.api.reports:
        grouping, pages = _fetch_report(pulling, request)
        for number, data in enumerate(pages, start=1):
            folder.put(f"{request.report}-{number:04}.json", data)
        reports.append(
            PulledReport(
                report=request.report,
                group_by=sorted(grouping),
                buckets=(pulling.until - pulling.since).days,
                pages=[hashlib.sha256(data).hexdigest() for data in pages],
            )
        )
    marker = PullMarker(
        pull_id=pull_id,
        pulled_at=f"{started:%Y-%m-%dT%H:%M:%S.%fZ}",
        provider=pulling.form.provider,
        reports=reports,
        complete=True,
        since=pulling.since.isoformat(),
        until=pulling.until.isoformat(),
    )
    folder.put(MARKER, msgspec.json.format(msgspec.json.encode(marker), indent=2))


def _fetch_report(pulling: _Pulling, request: ReportRequest) -> tuple[tuple[str, ...], list[bytes]]:
    """The finest grouping that the API takes, and every page of it."""
    refusal: Refused | None = None
    for grouping in request.groupings:
        try:
            return grouping, _checked(pulling, request, _pages(pulling, request, grouping))
        except Refused as error:
            refusal = error
    raise refusal or ValueError("a report without groupings")


def _pages(
    pulling: _Pulling, request: ReportRequest, grouping: tuple[str, ...]
) -> Iterator[tuple[bytes, Page]]:
    asked: Parameters = [
        *pulling.api.window(pulling.since, pulling.until),
        ("bucket_width", BUCKET_WIDTH),
        ("limit", str(request.limit)),
        *((pulling.api.group_parameter, column) for column in grouping),
    ]
    token: str | None = None
    seen: set[str] = set()
    while True:
        data = pulling.client.get(request.path, [*asked, ("page", token)] if token else asked)
        page = _understood(data, pulling, request)
        yield data, page
        if not page.has_more:
            return
        token = page.next_page
        if not token:
            raise SourceError(f"{request.path} promises more but names no next page: run again")
        if token in seen:
            raise SourceError(f"{request.path} gives the same page again and again: run again")
        seen.add(token)


def _understood(data: bytes, pulling: _Pulling, request: ReportRequest) -> Page:
    try:
        page = read_page(data, request.path, pulling.form)
    except NotAPage as error:
        raise SourceError(f"{request.path} answered {error}: check base_url") from None
    if not isinstance(page, Page) or page.report not in (None, request.report):
        raise SourceError(f"{request.path} answered another report: check base_url")
    return page


def _checked(
    pulling: _Pulling, request: ReportRequest, pages: Iterator[tuple[bytes, Page]]
) -> list[bytes]:
    """Every day once: APIs cut what they return without an error."""
    kept = []
    starts: list[datetime] = []
    for data, page in pages:
        kept.append(data)
        starts.extend(bucket.start for bucket in page.buckets)
    midnight = datetime.combine(pulling.since, time_of_day(), UTC)
    days = [midnight + timedelta(days=n) for n in range((pulling.until - pulling.since).days)]
    if sorted(starts) != days:
        raise SourceError(
            f"{request.path} returned {len(starts)} buckets for the {len(days)} days from "
            f"{pulling.since} to before {pulling.until}: run again, or ask for fewer days"
        )
    return kept
