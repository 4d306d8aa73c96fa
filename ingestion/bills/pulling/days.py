"""The pages of a live pull that asks day by day: each day's whole answer, under the day's name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import msgspec

from ingestion.bills.pulling.daily_reports import DailyApi
from ingestion.bills.pulling.paging import Pulled
from ingestion.bills.pulling.reports import ReportRequest
from ingestion.pulling.answers import listed
from ingestion.pulling.fetching import Client, Question, Refused
from ingestion.pulling.limits import Limits
from ingestion.records import SourceError

_DAY: Final = timedelta(days=1)


_rows = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(slots=True)
class PullingDays:
    client: Client
    limits: Limits
    api: DailyApi
    since: date
    until: date
    notes: list[str] = field(default_factory=list)

    def begin(self, today: date) -> None:
        """Leaves out what the API no longer answers, and today. Raises SourceError where nothing
        is left."""
        path, first = self.api.path, today - self.api.days_back * _DAY
        self.until = min(self.until, today)
        if self.until <= max(first, self.since):
            raise SourceError(
                f"{path} answers whole days from {first} to before {today} alone: ask for some of"
                " them, or save an export of the others in the bill's location"
            )
        if self.since < first:
            self.notes.append(
                f"{path} answers the last {self.api.days_back} whole days alone: nothing was pulled"
                f" of the days from {self.since} to before {first} - save an export of them in the"
                " bill's location"
            )
            self.since = first

    def reports(self) -> Iterator[Pulled]:
        groupings = list(self.api.groupings)
        for number in range((self.until - self.since).days):
            day = self.since + number * _DAY
            self.limits.check_pages(self.api.path, number + 1)
            data = self._page(day, groupings)
            columns = tuple(column for *_, column in groupings[0])
            request = ReportRequest(
                *(self.api.report, self.api.path, 0, (columns,)), name=f"{self.api.report}-{day}"
            )
            yield Pulled(request, columns, [data], day, day + _DAY, has_buckets=False)

    def _page(self, day: date, groupings: list[tuple[tuple[str, str, str], ...]]) -> bytes:
        """A grouping that is refused is asked for no more."""
        while True:
            asked = [(self.api.day, f"{day}"), *((name, value) for name, value, _ in groupings[0])]
            try:
                question = Question(self.api.path, asked)
                data, _ = self.client.ask(question, lambda data: self._check(data, day))
            except Refused:
                if len(groupings) == 1:
                    raise
                del groupings[0]
            else:
                return data

    def _check(self, data: bytes, day: date) -> None:
        """A page whole, and of no other day; a row that says no day its reader will judge."""
        rows, _ = listed(data, self.api.path, self.api.records)
        for row in rows:
            said_day = _day_of(row, self.api.day)
            if said_day not in (None, f"{day}"):
                raise SourceError(f"{self.api.path} answered with rows of another day than {day}")


def _day_of(row: msgspec.Raw, name: str) -> str | None:
    """`2026-10-05` of it, also where it has a time."""
    try:
        return date.fromisoformat(msgspec.json.decode(_rows.decode(row)[name])[:10]).isoformat()
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, RecursionError):
        return None
