"""Which files of a bill are one export, and which export of a month stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Final

from ingestion.bills.tables.table_format import Export, Listing
from ingestion.records import SourceError

TABLE_FILES: Final = (
    *(".csv", ".csv.gz", ".csv.zst", ".csv.gzip"),
    *(".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".ndjson.gz", ".json", ".json.gz"),
    *(".parquet", ".tsv"),
)


def table_files(names: Iterable[str]) -> list[str]:
    """Names that end as a file of rows does; the others are notes, manifests and sums."""
    return [name for name in names if name.lower().endswith(TABLE_FILES)]


def each_file(listing: Listing) -> list[Export]:
    """Every file is an export, and its rows say of which months; one that restates a month must
    replace the file that said it."""
    return [Export(name, (name,)) for name in table_files(listing.names)]


def all_files(listing: Listing) -> list[Export]:
    """All files together: a person saves them as ranges of days, or by the month."""
    files = tuple(table_files(listing.names))
    return [Export("its files", files)] if files else []


def each_folder(listing: Listing) -> list[Export]:
    """The files of one folder are parts of one export; a file at the top is one by itself."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for name in table_files(listing.names):
        parent = PurePosixPath(name).parent.as_posix()
        folders[name if parent == "." else parent].append(name)
    return [Export(name, tuple(files)) for name, files in sorted(folders.items())]


def standing_exports(exports: Iterable[Export], where: str) -> list[Export]:
    """Of each month whose exports say it the newest; the others may be of any month.

    Raises SourceError for two of a month that nothing orders.
    """
    newest: dict[date, Export] = {}
    unknown = []
    for export in sorted(exports, key=lambda export: export.name):
        if export.month is None:
            unknown.append(export)
            continue
        held = newest.setdefault(export.month, export)
        if held is not export:
            newest[export.month] = _newer(held, export, export.month, where)
    return [*(newest[month] for month in sorted(newest)), *unknown]


def check_order(
    exports: Iterable[Export], months: Mapping[str, Iterable[date]], where: str
) -> None:
    """The same for exports of which only reading tells their `months` (by an export's name)."""
    held: dict[date, Export] = {}
    for export in sorted(exports, key=lambda export: export.name):
        for month in months.get(export.name, ()):
            other = held.setdefault(month, export)
            if other is not export:
                held[month] = _newer(other, export, month, where)


def _newer(one: Export, other: Export, month: date, where: str) -> Export:
    if one.moment is None or other.moment is None or one.moment == other.moment:
        raise SourceError(
            f"{where}: {one.name} and {other.name} both are exports of {month:%Y-%m}, and nothing"
            " says which of them is newer: move the one that is out of date away"
        )
    return one if one.moment > other.moment else other


def month_of(moment: datetime | date) -> date:
    return date(moment.year, moment.month, 1)


@dataclass(frozen=True, slots=True)
class Month:
    """A billing period, which is a calendar month wherever Tollbook reads bills of rows."""

    first: date

    @property
    def span(self) -> tuple[datetime, datetime]:
        start = datetime(self.first.year, self.first.month, 1, tzinfo=UTC)
        december = start.month == 12
        end = start.replace(year=start.year + december, month=1 if december else start.month + 1)
        return start, end
