"""Seats of `made_up`: a CSV of days and persons.

FILL IN: who writes it, how it is exported, what it leaves out.
"""

from typing import Final

from ingestion.bills.lines.seat_row import seat_use
from ingestion.bills.tables.exports import all_files
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"


def _foreign(record: Record) -> Foreign | None:
    """FILL IN: rows that never become cost; None where all of the report is for AI."""
    return None


def _read(record: Record, bill: Bill) -> Rows:
    """FILL IN: dollars of all use, and what of it is billed beyond the seat."""
    person, day = record.needed("person"), record.instant("date")
    used, overage = record.money("used"), record.money("overage")
    return [seat_use("made_up", person, used, overage, day)]


FORMAT: Final = TableFormat(
    provider="made_up",
    exports=all_files,
    needs=("date", "person", "used", "overage"),
    whose=(),
    foreign=_foreign,
    amount=lambda record: record.money("used"),
    read=_read,
    days_in_one_file=True,
)
