"""Rows of Azure's cost details, ActualCost and AmortizedCost: their columns are the same.

Billed is `Cost`, in the billing currency. Global and data zone meters are of no region: requests
may be logged where the resource lies or by their zone.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from ingestion.bills.azure.accounts import check_account
from ingestion.bills.azure.columns import NEEDED, column
from ingestion.bills.azure.exports import exports_of
from ingestion.bills.azure.meters import UNPARSED, Meter, read_meter
from ingestion.bills.azure.regions import region_of
from ingestion.bills.azure.services import SERVICES, is_ai
from ingestion.bills.focus.words import read_words
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.units import unit_of
from ingestion.bills.tables.exports import month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

# ChargeType -> FOCUS's category; any other is Usage.
_CATEGORIES: Final = {
    "purchase": "Purchase",
    "tax": "Tax",
    "credit": "Credit",
    "roundingadjustment": "Adjustment",
    "adjustment": "Adjustment",
}
# ChargeType -> kind; of usage the meter says it.
_KINDS: Final = {
    "purchase": "fee",
    "tax": "tax",
    "credit": "credit",
    "roundingadjustment": "rounding",
    "adjustment": "adjustment",
}
# Hours of a commitment that nothing used.
_UNUSED: Final = ("unusedreservation", "unusedsavingsplan")
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_MANY: Final = re.compile(r"([\d,]+)\s*([KM]?)\b.*", re.IGNORECASE)
_POWERS: Final = {"": 1, "K": 1000, "M": 1_000_000}
_PIECES: Final = {"code_sessions": "sessions", "images": "images", "pages": "pages"}
_LONGEST: Final = 256


def cost_details(dataset: str) -> TableFormat:
    return TableFormat(
        provider="azure",
        exports=exports_of(dataset),
        needs=NEEDED,
        whose=(*SERVICES, "ChargeType", "BillingCurrency", "BillingPeriodStartDate"),
        foreign=_foreign,
        amount=lambda record: record.money("Cost"),
        read=_read,
        column=column,
    )


def _foreign(record: Record) -> Foreign | None:
    if is_ai(record):
        return None
    named = ("MeterSubCategory", "MeterCategory", "PublisherName", "ProductOrderName", "Product")
    category = record.text("MeterCategory")
    service = next((said for name in named if (said := record.text(name))), None)
    if category and service and category != service:
        service = f"{category}: {service}"
    return Foreign(
        service=service or "no service",
        category=_category(record),
        currency=record.currency("BillingCurrency"),
        month=_month(record),
    )


def _read(record: Record, bill: Bill) -> Rows:
    check_account(record.text("BillingAccountId"), bill)
    charge_type, category = _charge_type(record), _category(record)
    meter = _meter(record) if category == "Usage" else UNPARSED
    kind = "capacity" if charge_type in _UNUSED else _KINDS.get(charge_type, meter.kind)
    unit, quantity = _used(record, meter) if category == "Usage" else (None, None)
    day = _day(record, "Date")
    place = region_of(record.text("ResourceLocation"))
    row = charge(
        kind,
        record.money("Cost"),
        month=_month(record),
        charge_period_start=day,
        charge_period_end=day + timedelta(days=1),
        sub_account_id=record.text("SubscriptionGuid") or record.text("SubscriptionId"),
        sub_account_name=record.text("SubscriptionName"),
        charge_category=category,
        charge_class="Correction" if charge_type == "refund" else None,
        charge_description=_described(record, category),
        model=meter.model,
        meter=meter.meter,
        service_tier=meter.service_tier,
        region=None if meter.route in ("global", "zone") else place,
        consumed_quantity=quantity,
        consumed_unit=unit,
        invoice_id=record.text("InvoiceId"),
        billing_currency=record.currency("BillingCurrency"),
    )
    return [("charges", row)]


def _meter(record: Record) -> Meter:
    """By the meter's name; publishers of the marketplace have plainer words of their own."""
    name = record.text("MeterName")
    known = read_meter(name)
    if known is UNPARSED and (said := read_words(name)):
        return Meter(**said)
    return known


def _charge_type(record: Record) -> str:
    return (record.text("ChargeType") or "Usage").lower()


def _category(record: Record) -> str:
    return _CATEGORIES.get(_charge_type(record), "Usage")


def _month(record: Record) -> date | None:
    """Of the billing period, where it is a calendar month; else of the export."""
    if record.value("BillingPeriodStartDate") is None:
        return None
    start = _day(record, "BillingPeriodStartDate")
    return month_of(start) if start.day == 1 else None


def _day(record: Record, name: str) -> datetime:
    """`10/08/2026` is the eighth of October: Azure writes months first, or ISO days."""
    value = record.value(name)
    found = _AMERICAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        moment = record.instant(name)
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)
    month, day, year = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise RowError(name, "not a day as MM/DD/YYYY") from None


def _used(record: Record, meter: Meter) -> tuple[str | None, Decimal | None]:
    """(unit, quantity) in single units: `1K`, `1M`, `100` say how many one of the quantity is."""
    written = record.text("UnitOfMeasure")
    if meter.meter is None:
        return written, record.quantity("Quantity")
    found = _MANY.fullmatch(written or "")
    if found is None:
        unit, factor = unit_of(written)
        is_tokens = meter.kind != "tokens" or unit == "tokens"
        return (unit, record.quantity("Quantity", factor)) if is_tokens else (None, None)
    factor = Decimal(found[1].replace(",", "")) * _POWERS[found[2].upper()]
    unit = "tokens" if meter.kind == "tokens" else _PIECES.get(meter.meter, "requests")
    return unit, record.quantity("Quantity", factor)


def _described(record: Record, category: str) -> str:
    """The meter, and the product where the row is no plain usage of one."""
    meter = record.text("MeterName")
    if meter and category == "Usage":
        return meter
    words = (record.text("ChargeType"), meter, record.text("Product"))
    said = ": ".join(dict.fromkeys(text for text in words if text))
    return said[:_LONGEST] or "no meter"
