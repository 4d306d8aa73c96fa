"""Numbers of a bill, exactly as written: a Decimal from its literal, never a float."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

# A DECIMAL(38, 12) has 26 digits before the point; more than that is no bill.
_LIMIT = Decimal(10) ** 26
_EXACT = Context(prec=120)
_DECIMAL_TEXT = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?")
_PLACES = {12: Decimal("1e-12"), 6: Decimal("1e-6")}


class RowError(Exception):
    """One result that cannot become a row: which field and why, never what it says."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def exact(value: Any, field: str) -> Decimal:
    """A JSON number or decimal text as Decimal; raises RowError for anything else."""
    if value is None:
        raise RowError(field, "missing")
    is_text = isinstance(value, str) and _DECIMAL_TEXT.fullmatch(value)
    if not is_text and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
        raise RowError(field, "not a number")
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= _LIMIT:
        raise RowError(field, "out of range")
    return number


def rounded(number: Decimal, places: int) -> Decimal:
    """Half-even to `places` (12 for money, 6 for quantities)."""
    return number.quantize(_PLACES[places], rounding=ROUND_HALF_EVEN, context=_EXACT)


def product(number: Decimal, factor: Decimal) -> Decimal:
    """`number` x `factor` without rounding (the default context would keep 28 digits)."""
    return _EXACT.multiply(number, factor)


def count(value: Any, field: str) -> int:
    """A count of tokens or calls: whole and not negative. Absent (None) is 0."""
    if value is None:
        return 0
    number = exact(value, field)
    if number < 0:
        raise RowError(field, "negative count")
    if number != number.to_integral_value():
        raise RowError(field, "not a whole number")
    if number >= 2**63:
        raise RowError(field, "out of range")
    return int(number)


def text(value: Any, field: str) -> str | None:
    """A label, NULL where absent or blank."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise RowError(field, "not a text")
    return value.strip() or None


def currency(value: Any, field: str) -> str:
    """An ISO 4217 code in upper case."""
    code = text(value, field)
    if code is None:
        raise RowError(field, "missing")
    if not re.fullmatch("[A-Za-z]{3}", code):
        raise RowError(field, "not a currency code")
    return code.upper()


def normal(value: Any) -> Any:
    """`value` with NULL keys dropped and numbers in one spelling, to compare two results."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(Decimal(value).normalize(_EXACT))
    return value
