"""Live pull of a bill: raw pages verbatim into `pull-<UTC stamp>/`, `pull.json` last.

Readers ignore the folder until `pull.json` is there, so a pull that breaks off leaves nothing
that counts.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol, cast

import msgspec

from ingestion.bills.pages.pulls import MARKER, PullMarker
from ingestion.bills.pulling.fetching import Client
from ingestion.bills.pulling.limits import limits_of
from ingestion.bills.pulling.paging import Pulling, pulled_reports
from ingestion.bills.pulling.reports import APIS
from ingestion.records import SourceError
from ingestion.workspace.formats import PageReader, bill_reader
from ingestion.workspace.settings import Bill


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
    key = key.strip()
    if not key:
        raise SourceError(f"{where}: {bill.api.key_variable} is empty: put the admin key there")
    if not re.fullmatch(r"[!-~]+", key):
        raise SourceError(f"{where}: {bill.api.key_variable} has characters that no key has")
    api = APIS[bill.format]
    limits = limits_of(bill.api.options)
    client = Client(api.base_url(bill.api.base_url), api.headers(key), key, sleep, limits)
    form = cast(PageReader, bill_reader(bill.format)).FORMAT
    pulling = Pulling(client, limits, api, form, since, until)
    started = clock().astimezone(UTC)
    pull_id = f"pull-{started:%Y%m%dT%H%M%S%fZ}"
    try:
        _save(pulling, folder.child(pull_id), pull_id, started)
    except SourceError as error:
        message = str(error)
        raise SourceError(message if message.startswith(where) else f"{where}: {message}") from None
    return [f"{where}: {note}" for note in pulling.notes]


def _save(pulling: Pulling, folder: Folder, pull_id: str, started: datetime) -> None:
    reports = []
    for pulled in pulled_reports(pulling, started.date()):
        name = pulled.request.name or pulled.request.report
        for number, data in enumerate(pulled.pages, start=1):
            folder.put(f"{name}-{number:04}.json", data)
        reports.append(pulled.said())
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
