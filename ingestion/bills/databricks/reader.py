"""Bill format `databricks`: `system.billing.usage`, each row with its price (CSV, JSON, Parquet).

The table has no money: docs/sources.md has the query that joins a price. A correction is two rows
more, RETRACTION of what was and RESTATEMENT of what is; all of them are billed.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from ingestion.bills.databricks.products import is_ai, kind_of
from ingestion.bills.lines.amounts import RowError, exact, product, rounded
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.tables.exports import each_folder, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"

_CORRECTIONS: Final = ("RETRACTION", "RESTATEMENT")
_TIERS: Final = {"BATCH_INFERENCE": "batch", "PROVISIONED_THROUGHPUT": "provisioned"}
_ACCOUNT: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FREE: Final = "FREE_USAGE"


def _column(name: str) -> str:
    return name.strip().lower()


def _foreign(record: Record) -> Foreign | None:
    product, sku = record.text("billing_origin_product"), record.needed("sku_name")
    if is_ai(product, sku):
        return None
    return Foreign(product or sku, "Usage", record.currency("currency_code"), _month(record))


def _month(record: Record) -> date:
    return month_of(record.instant("usage_date"))


def _read(record: Record, bill: Bill) -> Rows:
    account = record.text("account_id")
    if account and _ACCOUNT.fullmatch(bill.account) and account.lower() != bill.account.lower():
        raise RowError("account_id", "another account than the bill's: give it a bill of its own")
    sku = record.needed("sku_name")
    is_correction = record.needed("record_type").upper() in _CORRECTIONS
    kind = kind_of(record.text("billing_origin_product"), record.text("usage_type"), sku)
    endpoint = record.text_within("usage_metadata", "endpoint_name")
    served = record.text_within("usage_metadata", "ai_gateway", "destination_model")
    offering = record.text_within("product_features", "model_serving", "offering_type")
    row = charge(
        kind,
        _cost(record),
        month=_month(record),
        charge_period_start=record.instant("usage_start_time"),
        charge_period_end=record.instant("usage_end_time"),
        sub_account_id=record.text("workspace_id"),
        principal_id=record.text_within("identity_metadata", "run_as"),
        charge_class="Correction" if is_correction else None,
        charge_description=": ".join(said for said in (sku, endpoint, offering) if said),
        model=endpoint or served,
        service_tier=_TIERS.get(offering or ""),
        consumed_quantity=record.quantity("usage_quantity"),
        consumed_unit=record.text("usage_unit"),
        billing_currency=record.currency("currency_code"),
    )
    if is_correction:
        # what is taken back stays what it was: it is no credit
        row |= {"charge_kind": kind, "charge_category": "Usage"}
    return [("charges", row)]


def _cost(record: Record) -> Decimal:
    """What no price list has is money that nobody knows, unless the SKU says that it is free."""
    quantity = exact(record.number("usage_quantity"), "usage_quantity")
    price = _price(record)
    if price is None and _FREE in (record.text("sku_name") or "").upper():
        price = Decimal(0)
    if price is None:
        raise RowError("unit_price", "missing: no price is in force for this SKU, time and unit")
    return rounded(product(quantity, price), 12)


def _price(record: Record) -> Decimal | None:
    """Of one unit; `effective_list` is what holds of the list and a promotion."""
    for price in (
        record.number("unit_price"),
        record.number_within("pricing", "effective_list", "default"),
        record.number_within("pricing", "default"),
    ):
        if price is not None:
            return price
    return None


FORMAT: Final = TableFormat(
    provider="databricks",
    exports=each_folder,
    needs=(
        *("sku_name", "usage_date", "usage_start_time", "usage_end_time", "usage_quantity"),
        *("usage_unit", "record_type", "usage_metadata", "currency_code"),
    ),
    whose=("billing_origin_product", "sku_name", "currency_code", "usage_date"),
    foreign=_foreign,
    amount=_cost,
    read=_read,
    column=_column,
    nulls=frozenset(("", "null", "NULL")),
)
