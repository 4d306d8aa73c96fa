"""Bill format `copilot_usage`: what GitHub's reports say of AI credits that persons used.

The AI usage report (CSV) has a row for each day, person and model; each answer of
`ai_credit/usage` (JSON, in one list) is a person's month or day. One credit is a cent. What the
pool of the seats covers is the discount, what is left is billed.
"""

from datetime import UTC, date, datetime
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.seat_row import seat_use
from ingestion.bills.tables.exports import all_files, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, SavedPage, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"

_PRODUCT: Final = "copilot"
# Requests of premium models were counted until credits came.
_UNITS: Final = ("aicredit", "aicredits", "credit", "credits", "request", "requests")
# Columns of the report -> fields of an answer.
_FIELDS: Final = {
    "username": "user",
    "unit_type": "unitType",
    "gross_amount": "grossAmount",
    "net_amount": "netAmount",
}


def _column(name: str) -> str:
    return name.strip().lower()


def _named(record: Record, column: str) -> str:
    return _FIELDS[column] if record.value("timePeriod") is not None else column


def _foreign(record: Record) -> Foreign | None:
    said = record.text("product")
    if said is None or said.lower() == _PRODUCT:
        return None
    return Foreign(said, "Usage", "USD", month_of(_moment(record)))


def _read(record: Record, bill: Bill) -> Rows:
    unit = record.text(_named(record, "unit_type")) or ""
    if "".join(filter(str.isalpha, unit.lower())) not in _UNITS:
        raise RowError(_named(record, "unit_type"), "no AI credits: seats are in seats.csv")
    person = record.text(_named(record, "username"))
    if person is None and record.value("timePeriod") is not None:
        raise RowError("user", "missing: an answer of all persons tells none: ask with `user=`")
    row = seat_use(
        _PRODUCT,
        person,
        record.money(_named(record, "gross_amount")),
        record.money(_named(record, "net_amount")),
        _moment(record),
    )
    return [row]


def _moment(record: Record) -> datetime:
    """A row's day; of an answer the day, or the first of the month, that was asked for."""
    if record.value("timePeriod") is None:
        return record.instant("date")
    numbers = [record.number_within("timePeriod", part) for part in ("year", "month", "day")]
    year, month, day = (0 if each is None else int(each) for each in numbers)
    try:
        asked = date(year, month, day or 1)
    except (OverflowError, ValueError):
        raise RowError("timePeriod", "no month: ask for one") from None
    return datetime(asked.year, asked.month, asked.day, tzinfo=UTC)


FORMAT: Final = TableFormat(
    provider="github",
    exports=all_files,
    needs=("date", "username", "unit_type", "gross_amount", "net_amount"),
    whose=("product", "date", "timePeriod"),
    foreign=_foreign,
    amount=lambda record: record.money(_named(record, "net_amount")),
    read=_read,
    column=_column,
    days_in_one_file=True,
    page=SavedPage("answers", inside="usageItems"),
)
