"""Which days of a bill to ask its API for: what is missing, and what may still be restated."""

import os
from datetime import UTC, date, datetime, timedelta

import msgspec

from ingestion.bills.pages.pulls import MARKER, PullMarker
from ingestion.bills.pulling.api import pull
from ingestion.bills.pulling.daily_reports import DailyApi
from ingestion.bills.pulling.reports import APIS
from ingestion.records import SourceError
from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Bill


def pull_bill(bill: Bill, since: date | None, today: date) -> list[str]:
    """Pulls complete UTC days up to `today` into the bill's folder; raises SourceError.

    Returns what the API did not give, a sentence each.
    """
    if bill.api is None:
        return []
    key = os.environ.get(bill.api.key_variable, "")
    if not key:
        raise SourceError(
            f"bill {bill.name}: environment variable {bill.api.key_variable} is not set:"
            " put the provider's admin key there"
        )
    folder = open_storage(bill.location)
    api = APIS[bill.format]
    days_back = api.days_back if isinstance(api, DailyApi) else None
    first, until = pull_window(since, _pulled_until(folder), today, days_back)
    return pull(bill, key, folder, first, until)


def silent_apis(workspace: Workspace) -> list[str]:
    """A sentence for each API that does not answer a pull of yesterday as it should."""
    today = datetime.now(UTC).date()
    said = []
    for bill in workspace.bills:
        key = os.environ.get(bill.api.key_variable, "") if bill.api else ""
        if key:
            try:
                # nobody waits for a second answer
                pull(bill, key, Nowhere(), today - timedelta(days=1), today, sleep=lambda _: None)
            except SourceError as error:
                said.append(f"source {bill.name}: {' '.join(str(error).split())}")
    return said


class Nowhere:
    """A folder that keeps nothing."""

    def put(self, name: str, data: bytes) -> None: ...

    def child(self, path: str) -> "Nowhere":
        return self


def pull_window(
    since: date | None, pulled_until: date | None, today: date, days_back: int | None = None
) -> tuple[date, date]:
    """First day and the day after the last: whole months, so that they tie to invoices.

    The month before is asked for again, because providers restate it until they invoice it. Of
    an API that answers `days_back` alone what has been pulled of days before stays.
    """
    first = min(since or today, _month_before(today))
    if pulled_until is not None:
        first = max(first, min(pulled_until, _month_before(today)))
    first = first.replace(day=1)
    if days_back is not None and pulled_until is not None:
        first = max(first, min(pulled_until, today - timedelta(days=days_back)))
    # on the first of a month that is all there is
    return first, max(today, first + timedelta(days=1))


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _pulled_until(folder: Storage) -> date | None:
    """The day after the last one of the newest complete pull, None before the first pull."""
    markers = [
        info.name
        for info in folder.list(may_be_missing=True)
        if info.name.rpartition("/")[2] == MARKER
    ]
    days = [
        msgspec.json.decode(content.data, type=PullMarker).until
        for _, content in folder.get_many(markers)
    ]
    return max((date.fromisoformat(day) for day in days if day), default=None)
