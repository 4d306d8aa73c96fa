"""JSON values of a bill with numbers read from their literals, never through a float."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from ingestion.bills.lines.amounts import RowError

_MOST_DIGITS: Final = 1000


def _number(literal: str) -> Decimal:
    """Exact; infinite where no money is that large or small, so that its result is refused."""
    try:
        number = Decimal(literal)
    except InvalidOperation:
        return Decimal("Infinity")
    return number if abs(number.adjusted()) < _MOST_DIGITS else Decimal("Infinity")


_values: Final = msgspec.json.Decoder(float_hook=_number)


def json_value(raw: msgspec.Raw | str | bytes) -> Any:
    """Raises ValueError for what is no JSON value, or one nested too deeply."""
    try:
        return _values.decode(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def json_object(raw: str | bytes) -> Mapping[str, Any] | RowError:
    """The object of one result; a RowError where it is none or holds a number without end."""
    try:
        fields = json_value(raw)
    except ValueError:
        return RowError("result", "nested too deeply, or with a number that no bill has")
    return fields if isinstance(fields, dict) else RowError("result", "not an object")
