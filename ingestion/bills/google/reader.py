"""Bill format `google`: rows of Google's billing export, the detailed or the standard table.

The table is only ever added to: late usage and corrections are rows of their own, and equal rows
are two charges. So its files add up, and none replaces another.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from ingestion.bills.google.credits import amounts_of
from ingestion.bills.google.nested import NestedRecord, column
from ingestion.bills.google.services import is_ai
from ingestion.bills.google.skus import UNPARSED, Sku, read_sku
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.units import unit_of
from ingestion.bills.tables.exports import table_files
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Export, Foreign, Listing, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

# cost_type -> FOCUS's category; any other is Usage.
_CATEGORIES: Final = {"tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}
_KINDS: Final = {"tax": "tax", "adjustment": "adjustment", "rounding_error": "rounding"}
# Adjustments of what was used; goodwill and others are of no line.
_CORRECTIONS: Final = ("USAGE_CORRECTION", "PRICE_CORRECTION", "METADATA_CORRECTION")
_ACCOUNT: Final = re.compile(r"[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}", re.IGNORECASE)
_MONTH: Final = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])")
_PIECES: Final = {"web_searches": "searches"}


def _exports(listing: Listing) -> list[Export]:
    files = table_files(listing.names)
    return [Export("the table", tuple(sorted(files)))] if files else []


def _foreign(row: Record) -> Foreign | None:
    record = NestedRecord(row)
    if is_ai(record):
        return None
    service = record.text("service.description") or record.text("service.id")
    return Foreign(
        service=service or "no service",
        category=_CATEGORIES.get(_cost_type(record), "Usage"),
        currency=record.currency("currency"),
        month=_month(record),
    )


def _read(row: Record, bill: Bill) -> Rows:
    record = NestedRecord(row)
    account = record.text("billing_account_id")
    if account and _ACCOUNT.fullmatch(bill.account) and account.lower() != bill.account.lower():
        raise RowError(
            "billing_account_id", "another account than the bill's: give it a bill of its own"
        )
    category, sku = _what(record)
    unit, quantity = _used(record, sku) if category == "Usage" else (None, None)
    text = record.text("sku.description")
    paid = amounts_of(record)
    of_both = {
        "month": _month(record),
        "charge_period_start": record.instant("usage_start_time"),
        "charge_period_end": record.instant("usage_end_time"),
        "sub_account_id": record.text("project.id"),
        "sub_account_name": record.text("project.name"),
        "billing_currency": record.currency("currency"),
    }
    said = charge(
        sku.kind if category == "Usage" else _KINDS[_cost_type(record)],
        paid.cost,
        **of_both,
        charge_category=category,
        charge_class="Correction" if _cost_type(record) == "adjustment" else None,
        charge_description=_described(record, category, text),
        model=sku.model,
        meter=sku.meter,
        service_tier=sku.service_tier,
        context_band=sku.context_band,
        region=None if sku.is_global else _region(record),
        consumed_quantity=quantity,
        consumed_unit=unit,
    )
    gifts = [
        charge("credit", gift.amount, **of_both, charge_description=gift.words)
        for gift in paid.gifts
    ]
    is_empty = not paid.cost and not quantity and gifts
    return [("charges", each) for each in ([] if is_empty else [said]) + gifts]


def _cost_type(record: NestedRecord) -> str:
    return (record.text("cost_type") or "regular").lower()


def _what(record: NestedRecord) -> tuple[str, Sku]:
    """A correction of a line that is known is usage of that line, so that it nets against it."""
    category = _CATEGORIES.get(_cost_type(record), "Usage")
    kind = (record.text("adjustment_info.type") or "").upper()
    if category == "Usage" or (category == "Adjustment" and kind in _CORRECTIONS):
        sku = read_sku(record.text("sku.description"))
        if category == "Usage" or sku is not UNPARSED:
            return "Usage", sku
    return category, UNPARSED


def _month(record: NestedRecord) -> date:
    """Of the invoice, which is Pacific: usage of a month's last hours may be on the next one."""
    found = _MONTH.fullmatch(record.text("invoice.month") or "")
    if found is None:
        raise RowError("invoice.month", "not a month as YYYYMM")
    return date(int(found[1]), int(found[2]), 1)


def _region(record: NestedRecord) -> str | None:
    """A region; multi-regions and `global` are none, for a log has the place it was sent to."""
    place = record.text("location.region")
    return place if place and "-" in place else None


def _used(record: NestedRecord, sku: Sku) -> tuple[str | None, Decimal | None]:
    """(unit, quantity) in single units: one `count` or `request` of a token SKU is a token."""
    written = record.text("usage.unit")
    if sku.meter is None:
        return written, record.quantity("usage.amount")
    if (written or "").lower() in ("count", "requests"):
        piece = "tokens" if sku.kind == "tokens" else _PIECES.get(sku.meter, "requests")
        return piece, record.quantity("usage.amount")
    unit, factor = unit_of(written)
    is_counted = sku.kind != "tokens" or unit == "tokens"
    return (unit, record.quantity("usage.amount", factor)) if is_counted else (None, None)


def _described(record: NestedRecord, category: str, sku: str | None) -> str:
    text = sku or "no SKU"
    return text if category == "Usage" else f"{_cost_type(record)}: {text}"


FORMAT: Final = TableFormat(
    provider="google",
    exports=_exports,
    # without `credits` a bill would be gross and nobody told
    needs=(
        *("cost", "cost_type", "credits", "currency", "invoice", "service", "sku"),
        *("usage_start_time", "usage_end_time"),
    ),
    whose=(
        *("service", "service.id", "service.description"),
        *("invoice", "invoice.month", "cost_type", "currency"),
    ),
    foreign=_foreign,
    amount=lambda row: amounts_of(NestedRecord(row)).net,
    read=_read,
    column=column,
)
