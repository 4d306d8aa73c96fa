"""Bill format `manual_invoice`: lines of invoices as a person writes them down, for any provider.

One wrong cell refuses the bill, with file, line and column: who wrote it mends it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.units import unit_of
from ingestion.bills.tables.record import ListRecord, Record
from ingestion.bills.tables.table_format import Export, Foreign, Listing, Rows, TableFormat
from ingestion.reading.providers import canonical_provider
from ingestion.records import SourceError
from ingestion.vocabulary import FEE, METERS, SERVICE_TIERS, TOKEN, UNITS
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"

NEEDED: Final = ("provider", "month", "description", "amount", "currency")
COLUMNS: Final = (
    *NEEDED,
    *("account", "kind", "model", "meter", "quantity", "unit", "service_tier"),
    *("sub_account", "credential", "invoice_id"),
)
# Kinds of the contract.
_KINDS: Final = (
    *("tokens", "tool", "storage", "training", "session", "seats", "overage"),
    *("credit", "tax", "fee", "adjustment", "rounding", "unparsed"),
)
_NULLS: Final = frozenset(("",))
_PROBLEMS: Final = 20


def _exports(listing: Listing) -> list[Export]:
    """All files together: an invoice may have a file, or a month, or a provider."""
    files = tuple(name for name in listing.names if name.lower().endswith(".csv"))
    problems = [each for name in files for each in _problems(name, listing)]
    if problems:
        more = len(problems) - _PROBLEMS
        told = [*problems[:_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
        raise SourceError("\n".join(told))
    return [Export("its CSVs", files)] if files else []


def _problems(name: str, listing: Listing) -> Iterator[str]:
    try:
        text = listing.read(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        yield f"{name}:1: is not UTF-8: save the file as UTF-8"
        return
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        wrong = list(_header_problems(header))
        yield from (f"{name}:1: {each}" for each in wrong)
        line = reader.line_num + 1
        for cells in reader if not wrong else ():
            if cells and (problem := _line_problem(header, cells, listing.bill)):
                yield f"{name}:{line}: {problem}"
            line = reader.line_num + 1
    except csv.Error as error:
        yield f"{name}:{reader.line_num}: is not CSV: {error}"


def _header_problems(header: Sequence[str]) -> Iterator[str]:
    known = ", ".join(COLUMNS)
    for name in header:
        if name not in COLUMNS:
            yield f"{name or '(empty)'}: unknown column, known are {known}"
        elif header.count(name) > 1:
            yield f"{name}: column is given twice"
    yield from (f"{name}: required column is missing" for name in NEEDED if name not in header)


def _line_problem(header: Sequence[str], cells: Sequence[str], bill: Bill) -> str | None:
    if len(cells) != len(header):
        return f"{header[0]}: the line has {len(cells)} cells, not {len(header)}"
    try:
        _read(ListRecord({name: n for n, name in enumerate(header)}, cells, _NULLS), bill)
    except RowError as error:
        return f"{error.field}: {error.reason}"
    return None


def _read(record: Record, bill: Bill) -> Rows:
    meter = record.text("meter")
    if meter is not None and meter not in (*METERS, FEE):
        raise RowError("meter", f"is none of {', '.join((*METERS, FEE))}")
    kind = _kind(record, meter)
    amount = record.money("amount")
    if kind == "credit" and amount > 0:
        raise RowError("amount", "must be negative: credits are deducted")
    tier = record.text("service_tier")
    if tier is not None and tier not in SERVICE_TIERS:
        raise RowError("service_tier", f"is none of {', '.join(SERVICE_TIERS)}")
    unit, quantity = _used(record, meter)
    row = charge(
        kind,
        amount,
        month=_month(record),
        provider=canonical_provider(record.needed("provider")),
        billing_account=record.text("account") or bill.account,
        sub_account_id=record.text("sub_account"),
        credential_id=record.text("credential"),
        charge_description=record.needed("description"),
        model=record.text("model"),
        meter=meter,
        service_tier=tier,
        consumed_quantity=quantity,
        consumed_unit=unit,
        invoice_id=record.text("invoice_id"),
        billing_currency=record.currency("currency"),
    )
    return [("charges", row)]


def _kind(record: Record, meter: str | None) -> str:
    """What the line says, else what its meter is of."""
    said = record.text("kind")
    if said is None and meter is not None:
        return "tokens" if meter != FEE and METERS[meter].unit == TOKEN else "tool"
    if said is None:
        raise RowError("kind", f"is empty: give one of {', '.join(_KINDS)}, or a meter")
    if said not in _KINDS:
        raise RowError("kind", f"is none of {', '.join(_KINDS)}")
    return said


def _month(record: Record) -> date:
    said = record.needed("month")
    try:
        if re.fullmatch(r"\d{4}-\d{2}", said):
            return date.fromisoformat(f"{said}-01")
    except ValueError:
        pass
    raise RowError("month", "is not a month: write it as 2026-10")


def _used(record: Record, meter: str | None) -> tuple[str | None, Decimal | None]:
    """(unit, quantity) in single units; a meter has its own where none is written."""
    written = record.text("unit")
    unit, factor = unit_of(written)
    if meter is not None:
        names = UNITS["request" if meter == FEE else METERS[meter].unit]
        if written is not None and unit not in names:
            raise RowError("unit", f"{meter} is counted in {names[0]}")
        unit = unit or names[0]
    quantity = record.quantity("quantity", factor)
    return (None if quantity is None else unit), quantity


def _foreign(record: Record) -> Foreign | None:
    """Who writes a line down wants it to be cost."""
    return None


FORMAT: Final = TableFormat(
    provider=None,
    exports=_exports,
    needs=NEEDED,
    whose=(),
    foreign=_foreign,
    amount=lambda record: record.money("amount"),
    read=_read,
    column=str.strip,
    nulls=_NULLS,
)
