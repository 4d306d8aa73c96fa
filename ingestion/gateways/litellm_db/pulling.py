"""Rows of LiteLLM's database into objects of ten minutes each, which are read like any log.

    <location>/2026-11-28/11-10.jsonl.zst

The newest object is the watermark: a pull asks for rows that started since `overlap_hours` before
it. A row that was written late, or was changed, makes another version of its object; an equal one
makes none. What was saved stays, whatever the database deletes.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

import msgspec
import zstandard

from ingestion.gateways.litellm_db.saved_row import saved_row
from ingestion.gateways.litellm_db.spend_table import SpendTable, open_spend_table
from ingestion.records import SourceError
from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import GatewayDatabase

SLICE: Final = timedelta(minutes=10)
DAY: Final = timedelta(days=1)
NAME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{2})-(\d{2})\.jsonl\.zst")
_COLUMNS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)


def pull_spend_logs(
    name: str, database: GatewayDatabase, url: str, location: str, since: date | None
) -> list[str]:
    """Saves what is new in the table. Returns a sentence for each whole day of which LiteLLM itself
    counts more requests than there are rows; raises SourceError.
    """
    folder = open_storage(location, private=True)
    listed = {info.name for info in folder.list(may_be_missing=True) if NAME.fullmatch(info.name)}
    with open_spend_table(url, database.url_variable) as table:
        now, oldest = table.now_and_oldest()
        first = _first(listed, oldest, since, timedelta(hours=database.overlap_hours))
        if first is None or first >= now:
            return []
        saved = Counter[date]()
        for start, end in _days(first, now):
            saved += _save(table, folder, listed, start, end)
        earlier = [each for each in listed if _midnight(first) <= _start(each) < first]
        saved[first.date()] += sum(len(_read(folder, each)) for each in earlier)
        counted = table.daily_requests(first.date(), now.date())
    return [
        f"{name}: LiteLLM counts {requests} requests on {day} and its spend logs have"
        f" {saved[day]}: the others were written later than `overlap_hours` after the newest row,"
        " or never"
        for day, requests in sorted(counted.items())
        if requests > saved[day]
    ]


def _first(
    listed: Collection[str], oldest: datetime | None, since: date | None, overlap: timedelta
) -> datetime | None:
    """The start of the first slice to ask for, None where there is nothing."""
    newest = max(map(_start, listed), default=None)
    first = oldest if newest is None else newest + SLICE - overlap
    if first is None:
        return None
    if since is not None:
        first = max(first, datetime.combine(since, time()))
    return _slice(first)


def _days(first: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """One question each: a long one would keep the database from cleaning up."""
    start = first
    while start < now:
        end = min(_midnight(start) + DAY, now)
        yield start, end
        start = end


def _save(
    table: SpendTable, folder: Storage, listed: Collection[str], start: datetime, end: datetime
) -> Counter[date]:
    """Number of rows of the day that are saved now, of these hours."""
    rows = table.rows(start, end)
    saved = Counter[date]()
    unseen = {each for each in listed if start <= _start(each) < end}
    for begins, found in groupby(rows, key=lambda row: _slice(row[1])):
        name = f"{begins:%Y-%m-%d/%H-%M}.jsonl.zst"
        unseen.discard(name)
        before = _read(folder, name) if name in listed else {}
        lines = before | {request_id: saved_row(row) for request_id, _, row in found}
        if lines != before:
            packed = b"\n".join(line for _, line in sorted(lines.items()))
            folder.put(name, zstandard.compress(packed))
        saved[begins.date()] += len(lines)
    # the database has deleted all of their rows
    for name in unseen:
        saved[start.date()] += len(_read(folder, name))
    return saved


def _read(folder: Storage, name: str) -> dict[str, bytes]:
    """Saved lines by request id."""
    try:
        lines = zstandard.decompress(folder.get(name).data).splitlines()
        return {_TEXT.decode(_COLUMNS.decode(line)["request_id"]): line for line in lines}
    except (zstandard.ZstdError, msgspec.DecodeError, KeyError):
        raise SourceError(
            f"{folder.location}/{name} is damaged: restore it, or delete it and its rows are asked"
            " for again where they are younger than `overlap_hours`"
        ) from None


def _slice(moment: datetime) -> datetime:
    return moment - timedelta(
        minutes=moment.minute % (SLICE.seconds // 60),
        seconds=moment.second,
        microseconds=moment.microsecond,
    )


def _start(name: str) -> datetime:
    """Of the slice in an object's name; in UTC, without saying so, as the table has its times."""
    moment = datetime.strptime(name, "%Y-%m-%d/%H-%M.jsonl.zst").replace(tzinfo=UTC)
    return moment.replace(tzinfo=None)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time())
