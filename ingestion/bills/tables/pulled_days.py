"""Which files of a bill stand that is pulled day by day, saved by hand, or both.

Of a day the newest complete pull stands, as it answered: a day that became empty is empty.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Final

from ingestion.bills.pages.pulls import Pull, arrange_objects
from ingestion.bills.tables.exports import month_of, table_files
from ingestion.bills.tables.table_format import Export, Listing
from ingestion.records import SourceError

_PAGE: Final = re.compile(r"\w+-(\d{4}-\d\d-\d\d)-\d{4}\.json(?:\.gz)?")
_REPAIR: Final = "restore it, or delete its folder and pull again"


def days_and_files(listing: Listing) -> list[Export]:
    """A month of pulled days is an export; beside files saved by hand, of any days, all are one.

    Raises SourceError for a pull that is not whole.
    """
    found = arrange_objects(_Objects(listing), listing.bill.format)
    days = _standing(found.pulls)
    by_hand = table_files(found.by_hand)
    if by_hand:
        return [Export("its files", (*(days[day] for day in sorted(days)), *by_hand))]
    months: defaultdict[date, list[str]] = defaultdict(list)
    for day in sorted(days):
        months[month_of(day)].append(days[day])
    return [
        Export(f"pulled days of {month:%Y-%m}", tuple(files), month=month)
        for month, files in months.items()
    ]


@dataclass(frozen=True, slots=True)
class _Objects(Mapping[str, bytes]):
    """A bill's objects by name; only what is asked for is read."""

    listing: Listing

    def __getitem__(self, name: str) -> bytes:
        return self.listing.read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.listing.names)

    def __len__(self) -> int:
        return len(self.listing.names)


def _standing(pulls: Iterable[Pull]) -> dict[date, str]:
    """The page of each day."""
    days: dict[date, str] = {}
    for pull in sorted(pulls, key=lambda pull: (pull.pulled_at, pull.marker_name)):
        pages = dict(map(_day_and_name, pull.members))
        for day in _promised(pull):
            if day not in pages:
                raise SourceError(
                    f"{pull.marker_name} promises {day}, whose page is missing: {_REPAIR}"
                )
        days |= pages
    return days


def _day_and_name(name: str) -> tuple[date, str]:
    page = _PAGE.fullmatch(PurePosixPath(name).name)
    try:
        return date.fromisoformat(page[1] if page else ""), name
    except ValueError:
        raise SourceError(
            f"{name} lies in the folder of a pull and is no page of it: move it away"
        ) from None


def _promised(pull: Pull) -> Iterator[date]:
    try:
        first, until = (date.fromisoformat(said or "") for said in (pull.since, pull.until))
    except ValueError:
        raise SourceError(
            f"{pull.marker_name} does not say its days, since and until: {_REPAIR}"
        ) from None
    return (first + timedelta(days=number) for number in range((until - first).days))
