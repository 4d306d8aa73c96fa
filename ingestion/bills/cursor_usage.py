"""Bill format `cursor_usage`: events of Cursor's `/teams/filtered-usage-events`, saved as JSON.

`chargedCents` prices every event, its token fee in it; whether it is billed is the event's kind.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from ingestion.bills.lines.amounts import RowError, product, rounded
from ingestion.bills.lines.seat_row import seat_use
from ingestion.bills.tables.exports import all_files
from ingestion.bills.tables.patterns import Pattern, first_match
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, SavedPage, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"

_CENT: Final = Decimal("0.01")
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The first of each is documented, the second seen in public code.
KINDS: Final = (
    Pattern(
        r"(?:usage_event_kind_)?usage[-_]based",
        {"is": "billed"},
        ("Usage-based", "USAGE_EVENT_KIND_USAGE_BASED"),
    ),
    Pattern(
        r"(?:usage_event_kind_)?included[ _]in[ _].+",
        {"is": "included"},
        ("Included in Business", "USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS"),
    ),
    Pattern(
        r".+not[ _]charged",
        {"is": "free"},
        ("Errored, Not Charged", "USAGE_EVENT_KIND_ABORTED_NOT_CHARGED"),
    ),
)


def _foreign(record: Record) -> Foreign | None:
    """Cursor sells nothing else."""
    return None


def _read(record: Record, bill: Bill) -> Rows:
    known = first_match(KINDS, record.needed("kind"))
    if known is None:
        raise RowError("kind", "not known: whether it is billed cannot be told")
    is_billed = known["is"] == "billed" and record.value("isChargeable") is not False
    if known["is"] == "included" and record.value("isChargeable") is True:
        raise RowError("isChargeable", "true of an event that is included")
    used = Decimal(0) if known["is"] == "free" else _dollars(record, "chargedCents")
    moment = _moment(record)
    overage = used if is_billed else Decimal(0)
    return [seat_use("cursor", record.text("userEmail"), used, overage, moment)]


def _dollars(record: Record, column: str) -> Decimal:
    return rounded(product(record.money(column), _CENT), 12)


def _moment(record: Record) -> datetime:
    """Of milliseconds, in a text or a number."""
    milliseconds = record.number("timestamp")
    if milliseconds is None:
        raise RowError("timestamp", "missing")
    try:
        return _START + timedelta(milliseconds=int(milliseconds))
    except OverflowError:
        raise RowError("timestamp", "beyond the calendar") from None


FORMAT: Final = TableFormat(
    provider="cursor",
    exports=all_files,
    needs=("timestamp", "userEmail", "kind", "chargedCents"),
    whose=(),
    foreign=_foreign,
    amount=lambda record: _dollars(record, "chargedCents"),
    read=_read,
    days_in_one_file=True,
    page=SavedPage(
        "usageEvents",
        more=("pagination", "hasNextPage"),
        whole="save the events of all its pages as one list",
    ),
)
