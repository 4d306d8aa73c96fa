"""Bill format `made_up`: a CSV of days, keys and lines.

FILL IN: who writes it, how it is exported, what it leaves out.
"""

from datetime import timedelta
from typing import Final

from ingestion.bills.lines.charge_row import charge, worded_kind
from ingestion.bills.tables.exports import all_files, month_of
from ingestion.bills.tables.patterns import Pattern, first_match
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"

# FILL IN: the words of its lines; what no pattern knows is `unparsed`, and its money is kept.
PATTERNS: Final = (
    Pattern(r".* - input tokens", {"meter": "input"}, ("Chat - Input Tokens",)),
    Pattern(r".* - cached tokens", {"meter": "cache_read"}, ("Chat - Cached Tokens",)),
    Pattern(r".* - output tokens", {"meter": "output"}, ("Chat - Output Tokens",)),
)


def _foreign(record: Record) -> Foreign | None:
    """FILL IN: rows that never become cost; None where all of the bill is for AI."""
    service = record.needed("service")
    if service == "inference":
        return None
    day = record.instant("date")
    return Foreign(service, "Usage", record.currency("currency"), month_of(day))


def _read(record: Record, bill: Bill) -> Rows:
    """FILL IN: what is known of a charge, as docs/add-a-bill.md lists it."""
    day, line = record.instant("date"), record.needed("line")
    meter = (first_match(PATTERNS, line) or {}).get("meter")
    row = charge(
        "tokens" if meter else worded_kind(line) or "unparsed",
        record.money("amount"),
        month=month_of(day),
        charge_period_start=day,
        charge_period_end=day + timedelta(days=1),
        credential_id=record.text("key"),
        charge_description=line,
        model=record.text("model"),
        meter=meter,
        consumed_quantity=record.quantity("tokens"),
        consumed_unit="tokens" if meter else None,
        billing_currency=record.currency("currency"),
    )
    return [("charges", row)]


FORMAT: Final = TableFormat(
    provider="made_up",
    exports=all_files,
    needs=("date", "service", "line", "amount", "currency"),
    whose=("service", "currency", "date"),
    foreign=_foreign,
    amount=lambda record: record.money("amount"),
    read=_read,
    days_in_one_file=True,
)
