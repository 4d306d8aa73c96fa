"""What a format of row exports says of itself; everything else about them is shared.

docs/add-a-bill.md tells how to write one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ingestion.bills.tables.record import Record
from ingestion.records import Row
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace.sources import Bill

Rows = list[tuple[str, Row]]  # (table, row): `charges`, `provider_usage` or `seat_reports`


@dataclass(frozen=True, slots=True)
class Export:
    """Files that were delivered as one and replace each other as one.

    `month`: the billing period that all of its rows are of; None where only rows say it. `moment`
    orders exports of one month; None where nothing does. `records` are promised by a manifest.
    """

    name: str  # of its manifest, folder or file, for messages
    files: tuple[str, ...]
    month: date | None = None
    moment: datetime | None = None
    records: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at a bill's location."""

    infos: Sequence[ObjectInfo]  # by name
    read: Callable[[str], bytes]  # a manifest, whole
    bill: Bill

    @property
    def names(self) -> list[str]:
        return [info.name for info in self.infos]


@dataclass(frozen=True, slots=True)
class Foreign:
    """Whose a row is that does not become cost: such rows are summed up."""

    service: str
    category: str  # Usage, Purchase, Tax, Credit or Adjustment, as FOCUS has them
    currency: str
    month: date | None = None  # where the export does not say it
    # where a bill holds several
    provider: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class SavedPage:
    """What a page of an API is: an object with a list, or that list alone."""

    records: str  # key of the list
    inside: str | None = None  # key of the list in each of its items whose items are the records
    more: tuple[str, ...] = ()  # path to what is said where it is not the only page
    whole: str = ""  # how to ask for a page that is the last


@dataclass(frozen=True, slots=True)
class TableFormat:
    provider: str | None  # of rows that do not say it
    exports: Callable[[Listing], Iterable[Export]]  # raises SourceError
    needs: tuple[str, ...]  # columns without which a file is no such export
    # Columns that tell whose a row is. `foreign` sees one row of each of their values: None is a
    # row that `read` gets; `amount` is asked of each row that is foreign. Both raise RowError.
    whose: tuple[str, ...]
    foreign: Callable[[Record], Foreign | None]
    amount: Callable[[Record], Decimal]
    read: Callable[[Record, Bill], Rows]  # raises RowError
    column: Callable[[str], str] = str  # a file's name of a column -> the one that is used here
    nulls: frozenset[str] = frozenset(("",))  # texts of CSV that say nothing
    # Where the files of an export cover ranges that a person chose: of one day only one may tell.
    days_in_one_file: bool = False
    # A column that says how a file is grouped: two groupings of one usage may not be added up.
    one_in_a_file: str | None = None
    page: SavedPage | None = None  # where JSON is a page of an API, saved as it was answered
