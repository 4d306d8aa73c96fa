"""One list of an API into its slices: what is new of it, from the overlap on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ingestion.gateways.pulling.lists import Page, RecordList, Window
from ingestion.pulling.fetching import Client
from ingestion.pulling.limits import Limits
from ingestion.pulling.slices import DAY, Dated, Slices, by_slice, days_of, slice_of
from ingestion.records import SourceError

# Pages of one window that are held together; a window that has more is asked for in halves.
AT_ONCE: Final = 100


@dataclass(slots=True)
class Walk:
    client: Client
    limits: Limits
    asked: RecordList
    slices: Slices
    pages: int = 0
    until: datetime = field(init=False)

    def pull(self, window: Window, is_due: bool) -> bool:
        """Saves what is new of the window. False where its first page had nothing new, and nobody
        looked further because the walk was not due.

        Oldest days first, so that the newest slice is the watermark of a pull that breaks off.
        """
        self.until = window.end
        page = self._page(window, None)
        if page.after is None:
            self._save(self._checked(page, window, page.records))
            return True
        found = by_slice(self._checked(page, window, page.records, is_whole=False))
        if not is_due and all(self.slices.holds(*each) for each in found.items()):
            return False
        for start, end in days_of(window.start, window.end):
            for records in self._windows(Window(start, end)):
                self._save(records)
        return True

    def _save(self, records: list[Dated]) -> None:
        for start, found in by_slice(records).items():
            self.slices.save(start, found)

    def _windows(self, window: Window) -> Iterator[list[Dated]]:
        """The records of each part of it, the oldest first."""
        middle = slice_of(window.start + (window.end - window.start) / 2)
        records = self._whole(window, AT_ONCE if middle > window.start else None)
        if records is not None:
            yield records
            return
        yield from self._windows(Window(window.start, middle))
        yield from self._windows(Window(middle, window.end))

    def _whole(self, window: Window, most: int | None) -> list[Dated] | None:
        """All pages; None where they are more than `most`."""
        records: list[Dated] = []
        seen: set[str] = set()
        page = first = self._page(window, None)
        number = 1
        while True:
            records += page.records
            if page.after is None:
                return self._checked(first, window, records)
            if page.after in seen:
                if not page.records:
                    return self._checked(first, window, records)
                raise SourceError(
                    f"{self.asked.folder}: the API gives the same page again and again: run again"
                )
            if number == most:
                return None
            seen.add(page.after)
            page = self._page(window, page.after)
            number += 1

    def _page(self, window: Window, after: str | None) -> Page:
        self.pages += 1
        self.limits.check_pages(self.asked.folder, self.pages)
        return self.asked.page(self.client, window, after)

    def _checked(
        self, first: Page, window: Window, records: list[Dated], *, is_whole: bool = True
    ) -> list[Dated]:
        """What began after the pull is asked for by the next one.

        Stores date a record by when it came, too: a day around the window is no other time.
        """
        times = [started for _, started, _ in records if started is not None]
        if times and not any(window.start - DAY <= each < window.end + DAY for each in times):
            raise SourceError(
                f"{self.asked.folder}: the API answers with records of other times than asked for:"
                " check base_url"
            )
        names = {name for name, *_ in records}
        if is_whole and first.total is not None and len(names) < first.total:
            raise SourceError(
                f"{self.asked.folder}: the API has {first.total} records and answered {len(names)}"
                " of them: run again"
            )
        return [each for each in records if each[1] is None or each[1] < self.until]
