"""Live pull of a gateway's log or traces: records into the entry's location, which is read as ever.

Each list of the API has a folder of slices (ingestion/pulling/slices.py). A day's records are saved
when its last page is there, or none of them.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Final

from ingestion.gateways.datadog.api import DATADOG
from ingestion.gateways.helicone.api import HELICONE
from ingestion.gateways.langfuse.api import LANGFUSE
from ingestion.gateways.langsmith.api import LANGSMITH
from ingestion.gateways.pulling.lists import RecordList, Window
from ingestion.gateways.pulling.source_api import SourceApi
from ingestion.gateways.pulling.walked import Walked
from ingestion.gateways.pulling.walking import Walk
from ingestion.pulling.fetching import Client, NotOffered, usable_key
from ingestion.pulling.limits import Limits, limits_of
from ingestion.pulling.slices import DAY, Slices, field_of, midnight_of, slice_of
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Gateway, GatewayApi

APIS: Final[Mapping[str, SourceApi]] = {
    "datadog": DATADOG,
    "helicone": HELICONE,
    "langfuse": LANGFUSE,
    "langsmith": LANGSMITH,
}
# Of what is asked for to see whether an API answers.
A_MOMENT: Final = timedelta(hours=1)


def now_in_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Pull:
    """Of one gateway. Raises SourceError, one sentence that never has a key.

    `keys`: by their names in the entry; `note`: what is known of the pulls before (walked.py).
    """

    gateway: Gateway
    api: GatewayApi
    keys: Mapping[str, str]
    since: date | None = None
    note: Path | None = None
    clock: Callable[[], datetime] = now_in_utc
    sleep: Callable[[float], None] = time.sleep
    _limits: Limits = field(init=False)
    _client: Client = field(init=False)

    def __post_init__(self) -> None:
        api = APIS[self.gateway.format]
        keys = {
            name: usable_key(key, f"{self._where}: {self.api.keys[name]}", f"the API's `{name}`")
            for name, key in self.keys.items()
        }
        self._limits = limits_of(self.api.options, "gateway")
        self._client = Client(
            api.base_url(self.api.base_url),
            api.headers(keys),
            tuple(keys.values()),
            self.sleep,
            self._limits,
            api.words,
        )

    def save(self) -> None:
        """What is new since the overlap before the newest record that is saved."""
        now, walked = self._now(), Walked(self.note)
        try:
            for each in self._lists():
                self._save(each, now, walked)
        except SourceError as error:
            raise self._told(error) from None

    def ask(self) -> None:
        """A page of the last hour, of which nothing is kept."""
        window = Window(self._now() - A_MOMENT, self._now())
        try:
            for each in self._lists():
                try:
                    each.page(self._client, window, None)
                except NotOffered:
                    if not each.instead:
                        raise
                    for other in each.instead:
                        other.page(self._client, window, None)
        except SourceError as error:
            raise self._told(error) from None

    def _lists(self) -> tuple[RecordList, ...]:
        return APIS[self.gateway.format].lists(self._client, self.api.options)

    def _save(self, asked: RecordList, now: datetime, walked: Walked) -> None:
        folder = open_storage(self.gateway.location, private=True).child(asked.folder)
        slices = Slices(folder, field_of(asked.id))
        overlap = timedelta(hours=self.api.overlap_hours)
        start = first_asked(slices, overlap, self.since, now)
        if start >= now:
            return
        is_due = walked.is_due(asked.folder, slices.newest(), overlap, now)
        walk = Walk(self._client, self._limits, asked, slices)
        try:
            if walk.pull(Window(start, now), is_due):
                walked.keep(asked.folder, now)
        except NotOffered:
            if not asked.instead:
                raise
            for other in asked.instead:
                self._save(other, now, walked)

    def _now(self) -> datetime:
        return in_milliseconds(self.clock())

    @property
    def _where(self) -> str:
        return f"gateway {self.gateway.name}"

    def _told(self, error: SourceError) -> SourceError:
        said = str(error)
        return SourceError(said if said.startswith(self._where) else f"{self._where}: {said}")


def first_of_next(
    gateway: Gateway, api: GatewayApi, since: date | None, moment: datetime
) -> datetime:
    """From when on the next pull asks for records; asks nobody."""
    folder = open_storage(gateway.location).child(APIS[gateway.format].folder)
    slices = Slices(folder, field_of("id"))
    return first_asked(slices, timedelta(hours=api.overlap_hours), since, in_milliseconds(moment))


def first_asked(slices: Slices, overlap: timedelta, since: date | None, now: datetime) -> datetime:
    """A first pull asks for all since `since`, else for this month and the one before."""
    begins = None if since is None else datetime.combine(since, clock_time())
    month = midnight_of((now.replace(day=1) - DAY).replace(day=1))
    first = slices.first_asked(overlap, month if begins is None else begins)
    return slice_of(max(each for each in (first, begins) if each is not None))


def in_milliseconds(moment: datetime) -> datetime:
    """UTC without saying so, as precise as APIs know it."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return plain.replace(microsecond=plain.microsecond // 1000 * 1000)
