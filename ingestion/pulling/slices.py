"""Records that are pulled again and again, in objects of ten minutes each, read like any log.

    <location>/2026-11-28/11-10.jsonl.zst

The newest object is the watermark. A record that came late, or was changed, makes another version
of its object; an equal one makes none. What was saved stays, whatever the source deletes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec
import zstandard

from ingestion.records import SourceError
from ingestion.storage.objects import Storage

SLICE: Final = timedelta(minutes=10)
DAY: Final = timedelta(days=1)
NAME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{2})-(\d{2})\.jsonl\.zst")
# Of records that say no time or have no id: no watermark.
UNDATED: Final = "undated.jsonl.zst"
# Id, start and line of a record; the digest of the line and no start where it has none.
Dated = tuple[str, datetime | None, bytes]


@dataclass(slots=True)
class Slices:
    """Moments are UTC, without saying so. `id_of`: a saved line's record; raises KeyError or
    msgspec.DecodeError.
    """

    folder: Storage
    id_of: Callable[[bytes], str]
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        listed = (info.name for info in self.folder.list(may_be_missing=True))
        self.names = {name for name in listed if NAME.fullmatch(name) or name == UNDATED}

    def newest(self) -> datetime | None:
        """The start of the newest one, None where there is none."""
        return max(self.starts(), default=None)

    def first_asked(self, overlap: timedelta, otherwise: datetime | None) -> datetime | None:
        """From when on records are asked for again; `otherwise` where there is none yet."""
        newest = self.newest()
        return otherwise if newest is None else newest + SLICE - overlap

    def starts(self) -> Iterator[datetime]:
        return (start_of(name) for name in self.names if name != UNDATED)

    def between(self, first: datetime, end: datetime) -> list[datetime]:
        return sorted(start for start in self.starts() if first <= start < end)

    def lines(self, start: datetime | None) -> dict[str, bytes]:
        """Saved lines by record, of the slice that starts then, or of the undated."""
        name = name_of(start)
        if name not in self.names:
            return {}
        try:
            saved = zstandard.decompress(self.folder.get(name).data).splitlines()
            id_of = self.id_of if start else digest
            return {id_of(line): line for line in saved}
        except (zstandard.ZstdError, msgspec.DecodeError, KeyError):
            raise SourceError(
                f"{self.folder.location}/{name} is damaged: restore it, or delete it and its rows"
                " are asked for again where they are younger than `overlap_hours`"
            ) from None

    def holds(self, start: datetime | None, records: Mapping[str, bytes]) -> bool:
        return records.items() <= self.lines(start).items()

    def save(self, start: datetime | None, records: dict[str, bytes]) -> int:
        """Puts records beside those that are saved, or in their place; the number of lines now."""
        before = self.lines(start)
        lines = before | records
        if lines != before:
            packed = b"\n".join(line for _, line in sorted(lines.items()))
            self.folder.put(name_of(start), zstandard.compress(packed))
            self.names.add(name_of(start))
        return len(lines)


def slice_of(moment: datetime) -> datetime:
    return moment - timedelta(
        minutes=moment.minute % (SLICE.seconds // 60),
        seconds=moment.second,
        microseconds=moment.microsecond,
    )


def midnight_of(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time())


def days_of(first: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = first
    while start < end:
        until = min(midnight_of(start) + DAY, end)
        yield start, until
        start = until


def name_of(start: datetime | None) -> str:
    return UNDATED if start is None else f"{start:%Y-%m-%d/%H-%M}.jsonl.zst"


def start_of(name: str) -> datetime:
    moment = datetime.strptime(name, "%Y-%m-%d/%H-%M.jsonl.zst").replace(tzinfo=UTC)
    return moment.replace(tzinfo=None)


def field_of(name: str) -> Callable[[bytes], str]:
    """Reads one field of a line, a text."""
    columns, text = msgspec.json.Decoder(dict[str, msgspec.Raw]), msgspec.json.Decoder(str)
    return lambda line: text.decode(columns.decode(line)[name])


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def by_slice(records: Iterable[Dated]) -> dict[datetime | None, dict[str, bytes]]:
    """Records by the slice that they belong to, the oldest first."""
    found: dict[datetime | None, dict[str, bytes]] = {}
    for name, started, line in records:
        found.setdefault(None if started is None else slice_of(started), {})[name] = line
    dated = sorted(start for start in found if start is not None)
    return {start: found[start] for start in (*((None,) if None in found else ()), *dated)}
