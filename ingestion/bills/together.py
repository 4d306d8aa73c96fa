"""Bill format `together`: saved pages of Together's billing usage (`/v1/billing/usage`, a beta).

A page has windows of a day or an hour, and each its line items with dollars as text. Names of
products are for display and may change: one that no pattern knows is `unparsed`.
"""

from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge, worded_kind
from ingestion.bills.tables.exports import all_files, month_of
from ingestion.bills.tables.patterns import Pattern, first_match
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, SavedPage, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

# The first is in Together's schema, the second in public code; what is cached, a batch, trained or
# stored has no published name: those are guesses.
PATTERNS: Final = (
    Pattern(
        r"(?:(?P<batch>batch)\b)?(?:(?!cach).)* - input tokens",
        {"kind": "tokens", "meter": "input"},
        ("Serverless Inference - Input Tokens", "Batch Inference - Input Tokens"),
    ),
    Pattern(
        r"(?:(?P<batch>batch)\b)?.* - output tokens",
        {"kind": "tokens", "meter": "output"},
        ("Serverless Inference - Output Tokens",),
    ),
    Pattern(
        r"(?:(?P<batch>batch)\b)?.* - cached (?:input )?tokens",
        {"kind": "tokens", "meter": "cache_read"},
        ("Serverless Inference - Cached Input Tokens",),
    ),
    Pattern(r"fine-?tuning\b.*", {"kind": "training"}, ("Fine-tuning - Tokens",)),
    Pattern(r".*\bstorage\b.*", {"kind": "storage"}, ("File Storage",)),
)


def _foreign(record: Record) -> Foreign | None:
    """All that Together sells is for AI."""
    return None


def _read(record: Record, bill: Bill) -> Rows:
    start, end = record.instant("start_time"), record.instant("end_time")
    if end <= start:
        raise RowError("end_time", "not after start_time")
    product = record.needed("product_name")
    said = first_match(PATTERNS, product) or {}
    meter = said.get("meter")
    rates, keys = record.mapping("pricing_dimensions"), record.mapping("attributes")
    row = charge(
        said.get("kind") or worded_kind(product) or "unparsed",
        record.money("cost"),
        month=month_of(start),
        charge_period_start=start,
        charge_period_end=end,
        sub_account_id=keys.get("project_id"),
        credential_id=keys.get("api_key_id"),
        charge_description=", ".join((product, *(rates[name] for name in sorted(rates)))),
        model=rates.get("model"),
        meter=meter,
        service_tier="batch" if "batch" in said else None,
        consumed_quantity=record.quantity("quantity"),
        consumed_unit="tokens" if meter else None,
        billing_currency="USD",
    )
    return [("charges", row)]


FORMAT: Final = TableFormat(
    provider="together_ai",
    exports=all_files,
    needs=("start_time", "end_time", "product_name", "cost"),
    whose=(),
    foreign=_foreign,
    amount=lambda record: record.money("cost"),
    read=_read,
    days_in_one_file=True,
    page=SavedPage(
        "data",
        inside="line_items",
        more=("next_cursor",),
        whole="ask for the month with `limit=1000`, which is all of its days or hours",
    ),
)
