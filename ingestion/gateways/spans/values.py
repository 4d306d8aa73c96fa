"""How one attribute of a span is read; what money hangs on and is none raises Unreadable."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.spans.names import Names
from ingestion.reading.exact_numbers import MOST, NOT_A_NUMBER, exact
from ingestion.reading.unreadable import Unreadable, shown

FLAGS: Final = {"true": True, "false": False}


def first_said(said: Mapping[str, Any], names: Names) -> tuple[str, Any] | None:
    """The first attribute that says something, and what."""
    for name in names:
        value = said.get(name)
        if value is not None and value != "" and value != []:
            return name, value
    return None


def first_text(said: Mapping[str, Any], names: Names) -> str | None:
    """Of a list its first; None where none is a text or a number."""
    for name in names:
        value = said.get(name)
        # of a row of names a span says one or two
        if value is None:
            continue
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, str):
            if text := value.strip():
                return text
            continue
        # data frames make 200.0 of 200
        if isinstance(value, int | float) and abs(value) <= MOST and value == int(value):
            return str(int(value)) if not isinstance(value, bool) else None
    return None


def first_count(said: Mapping[str, Any], names: Names) -> int | None:
    """Of several that are said the first that is not 0: some instrumentations write it for none."""
    there = [(name, said[name]) for name in names if name in said]
    counts = [count for name, value in there if (count := _count(value, name)) is not None]
    return next(filter(None, counts), counts[0] if counts else None)


def _count(value: Any, name: str) -> int | None:
    if value is None or value == "" or _is_nan(value):
        return None
    number = _number(value, name)
    if number != number.to_integral_value() or number < 0:
        raise Unreadable(name, "not a count", value=shown(value))
    return int(number)


def first_number(said: Mapping[str, Any], names: Names) -> Decimal | None:
    found = first_said(said, names)
    return None if found is None or _is_nan(found[1]) else _number(found[1], found[0])


def first_flag(said: Mapping[str, Any], names: Names) -> bool | None:
    for name in names:
        value = said.get(name)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in FLAGS:
            return FLAGS[value.strip().lower()]
    return None


def _number(value: Any, name: str) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value) if abs(value) <= MOST else None
    elif isinstance(value, Decimal | str):
        number = exact(value)
    else:
        number = exact(repr(value)) if isinstance(value, float) else None
    if number is None:
        raise Unreadable(name, "not a number", value=shown(value))
    if abs(number) > MOST:
        raise Unreadable(name, "not a number of a log", value=shown(value))
    return number


def _is_nan(value: Any) -> bool:
    """Data frames write NaN for what is not there."""
    if value is NOT_A_NUMBER:
        return False
    return isinstance(value, float | Decimal) and value != value
