"""Bill format `aws_cur`: AWS Data Exports of CUR 2.0 (Parquet or CSV), and the legacy report.

Billed is the unblended cost of every row: discounts, credits, refunds and tax are rows of their
own.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from ingestion.bills.aws_cur.exports import exports
from ingestion.bills.aws_cur.services import is_ai
from ingestion.bills.aws_cur.usage_types import UsageType, read_usage_type
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.units import multiple_in, unit_of
from ingestion.bills.tables.exports import month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

_COST: Final = "line_item_unblended_cost"
_TYPE: Final = "line_item_line_item_type"
_USAGE_TYPE: Final = "line_item_usage_type"
_PAYER: Final = "bill_payer_account_id"
_MONTH: Final = "bill_billing_period_start_date"
# What a line item type is in FOCUS's categories; any other is Usage.
_CATEGORIES: Final = {
    "Tax": "Tax",
    "Credit": "Credit",
    "Fee": "Purchase",
    "RIFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "SavingsPlanRecurringFee": "Purchase",
}
_KINDS: Final = {"Tax": "tax", "Credit": "credit", "Purchase": "fee"}
# Rows whose amount of usage is what was used; a discount repeats the one of the row it is of.
_MEASURED: Final = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
_ACCOUNT: Final = re.compile(r"\d{12}")
_LONGEST: Final = 256


def _column(name: str) -> str:
    """`lineItem/UsageType` of the legacy report is `line_item_usage_type`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("/", "_")).replace("__", "_").lower()


def _product_name(record: Record) -> str | None:
    return record.mapping("product").get("product_name") or record.text("product_product_name")


def _foreign(record: Record) -> Foreign | None:
    code, name = record.text("line_item_product_code"), _product_name(record)
    if is_ai(code, record.text("product_servicecode"), name):
        return None
    return Foreign(
        service=name or code or "no product code",
        category=_CATEGORIES.get(record.text(_TYPE) or "", "Usage"),
        currency=record.currency("line_item_currency_code"),
        month=_month(record),
    )


def _month(record: Record) -> date | None:
    """The first of the billing period, which is of the calendar month in UTC."""
    return month_of(record.instant(_MONTH)) if record.value(_MONTH) is not None else None


def _read(record: Record, bill: Bill) -> Rows:
    payer = record.text(_PAYER)
    if payer and _ACCOUNT.fullmatch(bill.account) and payer != bill.account:
        raise RowError(_PAYER, "another payer than the bill's account: give it a bill of its own")
    line_type = record.needed(_TYPE)
    category = _CATEGORIES.get(line_type, "Usage")
    usage = read_usage_type(record.text(_USAGE_TYPE) or "", _product_name(record))
    kind = _KINDS.get(category, usage.kind)
    is_usage = category == "Usage"
    unit, quantity = _used(record, usage) if line_type in _MEASURED else (None, None)
    principal = record.text("line_item_iam_principal")
    row = charge(
        kind,
        record.money(_COST),
        month=_month(record),
        charge_period_start=record.instant("line_item_usage_start_date"),
        charge_period_end=record.instant("line_item_usage_end_date"),
        sub_account_id=record.text("line_item_usage_account_id"),
        sub_account_name=record.text("line_item_usage_account_name"),
        credential_id=principal,
        principal_id=principal,
        charge_category=category,
        charge_class="Correction" if line_type == "Refund" else None,
        charge_description=_described(record, line_type),
        model=usage.model if is_usage else None,
        meter=usage.meter if is_usage else None,
        service_tier=usage.service_tier if is_usage else None,
        region=record.text("product_region_code") if is_usage else None,
        consumed_quantity=quantity,
        consumed_unit=unit,
        invoice_id=record.text("bill_invoice_id"),
        billing_currency=record.currency("line_item_currency_code"),
    )
    return [("charges", row)]


def _described(record: Record, line_type: str) -> str:
    """The usage type, and AWS's words where the row is no plain usage of one."""
    usage_type = record.text(_USAGE_TYPE)
    words = record.text("line_item_line_item_description")
    if usage_type and line_type in (*_MEASURED, "Refund"):
        return usage_type
    said = ": ".join(text for text in (line_type, usage_type, words) if text)
    return said if len(said) <= _LONGEST else f"{line_type}: {usage_type}"


def _used(record: Record, usage: UsageType) -> tuple[str | None, Decimal | None]:
    """(unit, quantity) in single units; none where nothing says what one of it is."""
    written = record.text("pricing_unit")
    unit, factor = unit_of(written)
    if usage.kind == "tokens" and unit != "tokens":
        words = f"{written} {record.text('line_item_line_item_description')}"
        known = multiple_in(words)
        if known is None:
            return None, None
        unit, factor = "tokens", known
    if usage.meter is None and usage.kind != "tokens":
        return written, record.quantity("line_item_usage_amount")
    return unit, record.quantity("line_item_usage_amount", factor)


FORMAT: Final = TableFormat(
    provider="aws",
    exports=exports,
    needs=(
        *(_TYPE, _COST, "line_item_currency_code", "line_item_usage_start_date"),
        *("line_item_usage_end_date", "line_item_product_code", _USAGE_TYPE),
    ),
    whose=(
        *("line_item_product_code", "product_servicecode", "product", "product_product_name"),
        *(_TYPE, "line_item_currency_code", _MONTH),
    ),
    foreign=_foreign,
    amount=lambda record: record.money(_COST),
    read=_read,
    column=_column,
)
