"""Bill format `fireworks`: what `firectl billing export-usage-costs` writes (CSV).

Dollars of serverless inference by UTC day and one dimension: model, tier of models, user or key.
They are rated, not invoiced: fees, discounts on the invoice, credits, tax, dedicated deployments
and training are not among them.
"""

from datetime import timedelta
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.tables.exports import all_files, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

# Dimension -> the charge's key that its value is; of a tier of models only the words stay.
_KEYS: Final = {
    "model": "model",
    "model_tier": None,
    "user": "principal_id",
    "api_key": "credential_id",
}
# Values that Fireworks reserves: usage that says no such key, and a model without a public name.
_UNATTRIBUTED: Final = "unattributed"
_UNKNOWN: Final = "unknown_model"


def _foreign(record: Record) -> Foreign | None:
    """All of the export is inference."""
    return None


def _read(record: Record, bill: Bill) -> Rows:
    if record.needed("account_id") != bill.account:
        raise RowError("account_id", "another account than the bill's")
    dimension, value = record.needed("group_by_dimension"), record.needed("group_by_value")
    if dimension not in _KEYS:
        raise RowError("group_by_dimension", f"none of {', '.join(_KEYS)}")
    day = record.instant("date")
    key = _KEYS[dimension] if value not in (_UNATTRIBUTED, _UNKNOWN) else None
    row = charge(
        "unparsed" if value == _UNKNOWN else "tokens",
        record.money("subtotal_usd"),
        month=month_of(day),
        charge_period_start=day,
        charge_period_end=day + timedelta(days=1),
        charge_description=f"serverless inference, {dimension} {value}",
        billing_currency=record.currency("currency"),
        **({key: value} if key else {}),
    )
    return [("charges", row)]


FORMAT: Final = TableFormat(
    provider="fireworks_ai",
    exports=all_files,
    needs=(
        "account_id",
        "date",
        "group_by_dimension",
        "group_by_value",
        "subtotal_usd",
        "currency",
    ),
    whose=(),
    foreign=_foreign,
    amount=lambda record: record.money("subtotal_usd"),
    read=_read,
    days_in_one_file=True,
    one_in_a_file="group_by_dimension",
)
