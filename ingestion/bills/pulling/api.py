"""Live pull of a bill: raw pages verbatim into `pull-<UTC stamp>/`, `pull.json` last.

Readers ignore the folder until `pull.json` is there, so a pull that breaks off leaves nothing
that counts.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Final, Protocol, cast

import msgspec

from ingestion.bills.pages.pulls import MARKER, PullMarker
from ingestion.bills.pulling.daily_reports import DailyApi
from ingestion.bills.pulling.days import PullingDays
from ingestion.bills.pulling.paging import Pulled, Pulling, pulled_reports
from ingestion.bills.pulling.reports import APIS
from ingestion.pulling.fetching import Client, Words, usable_key
from ingestion.pulling.limits import limits_of
from ingestion.records import SourceError
from ingestion.workspace.formats import PageReader, bill_provider, bill_reader
from ingestion.workspace.sources import Bill

WORDS: Final = Words(
    rights="the key must be an admin key that may read usage and cost",
    refused="the request was refused with every grouping it may have",
)


class Folder(Protocol):
    """What a pull needs of the storage."""

    def put(self, name: str, data: bytes) -> None: ...
    def child(self, path: str) -> "Folder": ...


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
) -> list[str]:
    """Saves every report of the UTC days since (inclusive) .. until (exclusive).

    Returns what the API did not give and what was asked for instead, a sentence each. Raises
    SourceError, one sentence that never has the key; the pull then has no `pull.json`.
    """
    where = f"bill {bill.name}"
    if bill.api is None:
        raise SourceError(f"{where} has no `api`: add one, or save its pages in its location")
    if since >= until:
        raise SourceError(f"{where}: no day from {since} to before {until}: correct the dates")
    key = usable_key(key, f"{where}: {bill.api.key_variable}", "the admin key")
    api = APIS[bill.format]
    limits = limits_of(bill.api.options, "bill")
    client = Client(api.base_url(bill.api.base_url), api.headers(key), (key,), sleep, limits, WORDS)
    started = clock().astimezone(UTC)
    pulling: Pulling | PullingDays
    if isinstance(api, DailyApi):
        pulling = PullingDays(client, limits, api, since, until)
    else:
        form = cast(PageReader, bill_reader(bill.format)).FORMAT
        pulling = Pulling(client, limits, api, form, since, until)
    try:
        _save(pulling, folder, bill, started)
    except SourceError as error:
        message = str(error)
        raise SourceError(message if message.startswith(where) else f"{where}: {message}") from None
    return [f"{where}: {note}" for note in pulling.notes]


def _save(pulling: Pulling | PullingDays, location: Folder, bill: Bill, started: datetime) -> None:
    pull_id = f"pull-{started:%Y%m%dT%H%M%S%fZ}"
    folder = location.child(pull_id)
    reports = []
    for pulled in _reports(pulling, started.date()):
        name = pulled.request.name or pulled.request.report
        for number, data in enumerate(pulled.pages, start=1):
            folder.put(f"{name}-{number:04}.json", data)
        reports.append(pulled.said())
    marker = PullMarker(
        pull_id=pull_id,
        pulled_at=f"{started:%Y-%m-%dT%H:%M:%S.%fZ}",
        provider=bill_provider(bill) or bill.format,
        reports=reports,
        complete=True,
        since=pulling.since.isoformat(),
        until=pulling.until.isoformat(),
    )
    folder.put(MARKER, msgspec.json.format(msgspec.json.encode(marker), indent=2))


def _reports(pulling: Pulling | PullingDays, today: date) -> Iterator[Pulled]:
    if isinstance(pulling, Pulling):
        return pulled_reports(pulling, today)
    pulling.begin(today)
    return pulling.reports()
