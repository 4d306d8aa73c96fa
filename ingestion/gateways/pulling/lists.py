"""What an API lists: records that began at a time, page by page, the newest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.pulling.answers import listed
from ingestion.pulling.fetching import Client, Question
from ingestion.pulling.slices import Dated, digest
from ingestion.reading.instants import text_instant
from ingestion.reading.unreadable import Unreadable

# Numbers stay as they are written.
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ANY: Final = msgspec.json.Decoder()
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open; moments are UTC, without saying so."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: what the next page is asked for with, None on the last. `total`: records of all
    pages, where the API counts them.
    """

    records: list[Dated]
    after: str | None
    total: int | None = None


# A page's fields beside its list, and how many records it has -> `after`, `total`
Paging = Callable[[Mapping[str, Any], str | None, int], tuple[str | None, int | None]]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordList:
    """`folder`: of what is saved. `asked`: the question for a window's page after another one.
    `records`: the name of a page's list. `kept`: what of a record is saved. `id`, `started`: its
    fields. `instead`: lists that are asked for where an API does not have this one.
    """

    folder: str
    asked: Callable[[Window, str | None], Question]
    records: str
    paging: Paging
    kept: Callable[[Record], Record]
    id: str
    started: Callable[[Record], datetime | None]
    instead: tuple["RecordList", ...] = ()

    def page(self, client: Client, window: Window, after: str | None) -> Page:
        question = self.asked(window, after)

        def understand(data: bytes) -> Page:
            found, beside = listed(data, question.path, self.records)
            said = {name: _decoded(raw) for name, raw in beside.items() if name != self.records}
            following, total = self.paging(said, after, len(found))
            return Page([self._dated(each) for each in found], following, total)

        return client.ask(question, understand)[1]

    def _dated(self, raw: msgspec.Raw) -> Dated:
        """One that cannot be read is kept by its digest: its reader counts and tells it."""
        try:
            record = self.kept(_RECORD.decode(raw))
            line = _ENCODER.encode(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
            line = _ENCODER.encode({"unreadable": digest(bytes(raw))})
            return digest(line), None, line
        name, started = record.get(self.id), self.started(record)
        if not isinstance(name, str) or started is None:
            return digest(line), None, line
        return name, started, line


def _decoded(raw: msgspec.Raw) -> Any:
    try:
        return _ANY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def text_moment(value: Any) -> datetime | None:
    """UTC without saying so; None for what is no time."""
    try:
        moment = text_instant(value, "") if isinstance(value, str) else None
    except Unreadable:
        return None
    return None if moment is None else moment.replace(tzinfo=None)


def told_moment(moment: datetime) -> str:
    """As APIs are asked for it: with its zone, to the millisecond."""
    return f"{moment.replace(tzinfo=UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def inside(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def count_of(value: Any) -> int | None:
    return value if type(value) is int else None
