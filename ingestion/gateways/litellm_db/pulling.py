"""Rows of LiteLLM's database into the gateway's location (ingestion/pulling/slices.py).

A pull asks for rows that started since `overlap_hours` before the newest that is saved.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import groupby

from ingestion.gateways.litellm_db.saved_row import saved_row
from ingestion.gateways.litellm_db.spend_table import SpendTable, open_spend_table
from ingestion.pulling.slices import Slices, days_of, field_of, midnight_of, slice_of
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import GatewayDatabase


def pull_spend_logs(
    name: str, database: GatewayDatabase, url: str, location: str, since: date | None
) -> list[str]:
    """Saves what is new in the table. Returns a sentence for each whole day of which LiteLLM itself
    counts more requests than there are rows; raises SourceError.
    """
    slices = Slices(open_storage(location, private=True), field_of("request_id"))
    with open_spend_table(url, database.url_variable) as table:
        now, oldest = table.now_and_oldest()
        first = _first(slices, oldest, since, timedelta(hours=database.overlap_hours))
        if first is None or first >= now:
            return []
        saved = Counter[date]()
        # one question each: a long one would keep the database from cleaning up
        for start, end in days_of(first, now):
            saved += _save(table, slices, start, end)
        for each in slices.between(midnight_of(first), first):
            saved[first.date()] += len(slices.lines(each))
        counted = table.daily_requests(first.date(), now.date())
    return [
        f"{name}: LiteLLM counts {requests} requests on {day} and its spend logs have"
        f" {saved[day]}: the others were written later than `overlap_hours` after the newest row,"
        " or never"
        for day, requests in sorted(counted.items())
        if requests > saved[day]
    ]


def _first(
    slices: Slices, oldest: datetime | None, since: date | None, overlap: timedelta
) -> datetime | None:
    """The start of the first slice to ask for, None where there is nothing."""
    first = slices.first_asked(overlap, oldest)
    if first is None:
        return None
    if since is not None:
        first = max(first, datetime.combine(since, time()))
    return slice_of(first)


def _save(table: SpendTable, slices: Slices, start: datetime, end: datetime) -> Counter[date]:
    """Number of rows of the day that are saved now, of these hours."""
    saved = Counter[date]()
    unseen = set(slices.between(start, end))
    for begins, found in groupby(table.rows(start, end), key=lambda row: slice_of(row[1])):
        unseen.discard(begins)
        rows = {request_id: saved_row(row) for request_id, _, row in found}
        saved[begins.date()] += slices.save(begins, rows)
    # the database has deleted all of their rows
    for begins in unseen:
        saved[start.date()] += len(slices.lines(begins))
    return saved
