"""The one way in which a gateway reader refuses a record."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

# What numbers, times and dates look like: such a value may be told, any other may be a text.
TYPED: Final = re.compile(r"[-+0-9.,:TZeE/ ]{1,40}")


class Unreadable(Exception):
    """A record that cannot become a row: it is quarantined and the others are read on.

    `field` is the path in the source, None when it is the whole record. The reason never quotes
    the record. `option` is what mends it, `value` the wrong value as `shown` tells it, and `day`
    the record's own UTC day where that could be read.
    """

    day: date | None = None

    def __init__(
        self,
        field: str | None,
        reason: str,
        *,
        option: str | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.option = option
        self.value = value


# Whatever a rule raises for a record that it does not take, or that its reader did not think of.
ODD: Final = (
    *(Unreadable, msgspec.MsgspecError),
    *(ArithmeticError, LookupError, RecursionError, TypeError, ValueError),
)


def shown(value: Any) -> str:
    """A wrong value where it is a number or a time, else what it is: it may be a prompt."""
    if value is None or isinstance(value, bool):
        return str(value).lower() if value is not None else "null"
    if isinstance(value, int | float | Decimal):
        if isinstance(value, int) and abs(value) >= 10**40:
            return "a number of more than 40 digits"
        value = repr(value) if isinstance(value, float) else f"{value}"
        return value if len(value) <= 40 else f"a number of {len(value)} digits"
    if isinstance(value, str):
        is_typed = TYPED.fullmatch(value) and any(map(str.isdigit, value))
        return value if is_typed else f"a text of {len(value)} characters"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__}"


def misfit(error: msgspec.ValidationError, within: str = "") -> Unreadable:
    """The refusal of JSON that has another shape than it should; `within` is the part read."""
    reason, _, path = str(error).partition(" - at `$.")
    field = ".".join(part for part in (within, path.removesuffix("`")) if part)
    return Unreadable(field or None, reason)
