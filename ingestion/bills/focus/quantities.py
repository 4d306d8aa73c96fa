"""How much a FOCUS row says was used, in single units."""

from decimal import Decimal
from typing import Final

from ingestion.bills.lines.units import multiple_in, unit_of
from ingestion.bills.tables.record import Record
from ingestion.vocabulary import METERS, TOKEN, UNITS

# What was used, and in which units it was priced; the second stands in where it is the same thing.
_PAIRS: Final = (("ConsumedQuantity", "ConsumedUnit"), ("PricingQuantity", "PricingUnit"))

Used = tuple[str | None, Decimal | None]  # unit, quantity


def used(record: Record, meter: str | None, kind: str) -> Used:
    """None where neither quantity is of the meter's unit: minutes are no tokens."""
    if meter not in METERS and kind != "tokens":
        unit, factor = unit_of(record.text("ConsumedUnit"))
        quantity = record.quantity("ConsumedQuantity", factor)
        return (None if quantity is None else unit), quantity
    units = UNITS[METERS[meter].unit if meter and meter in METERS else TOKEN]
    for column, unit_column in _PAIRS:
        unit, factor = _unit(record, unit_column, kind)
        if (unit or "") in units:
            quantity = record.quantity(column, factor)
            if quantity is not None:
                return unit, quantity
    return None, None


def _unit(record: Record, column: str, kind: str) -> tuple[str | None, Decimal]:
    """`Units` of tokens are as many as Azure's block (1K), or as the description says, "Million
    Input Tokens".
    """
    written = record.text(column)
    if kind == "tokens" and (written or "").lower() in ("unit", "units"):
        many = record.quantity("x_PricingBlockSize") or _multiple(record)
        return ("tokens", many) if many else (written, Decimal(1))
    return unit_of(written)


def _multiple(record: Record) -> Decimal | None:
    said = (record.text(name) for name in ("x_PricingUnitDescription", "ChargeDescription"))
    return next((many for text in said if text and (many := multiple_in(text))), None)
