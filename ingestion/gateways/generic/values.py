"""How one value of a company's own log is read; what is none raises Unreadable."""

import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.paths import ABSENT
from ingestion.reading.exact_numbers import MOST, NOT_A_NUMBER, exact
from ingestion.reading.instants import epoch_instant, text_instant, utc_instant
from ingestion.reading.unreadable import Unreadable, shown

# One group alone is one of a count: of money and times `1,234` may as well be 1.234.
THOUSANDS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}((,[0-9]{3}){2,}(\.[0-9]*)?|,[0-9]{3}\.[0-9]*)")
COUNT_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+")
FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
EPOCHS: Final = {"epoch_s": 1_000_000, "epoch_ms": 1000, "epoch_us": 1}
# Microseconds since 1970 are more than any count of tokens.
MOST_SINCE: Final = 10 * MOST


def is_empty(value: Any) -> bool:
    """Nothing, not there, or no number."""
    if value is None or value is ABSENT or (isinstance(value, str) and not value.strip()):
        return True
    return isinstance(value, float | Decimal) and value != value and value is not NOT_A_NUMBER


def read_text(value: Any, column: str) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | Decimal) or (isinstance(value, int) and abs(value) <= MOST):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Unreadable(column, "not a text", value=shown(value))


def read_number(value: Any, column: str, most: int = MOST) -> Decimal:
    """Exact. Commas stand between thousands, as in `1,234,567` and `1,234.5`, or they are refused:
    `0,0123` and `12,5` are other numbers where the comma is a decimal point."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Unreadable(column, "not a number", value=shown(value))
    if isinstance(value, str):
        number = exact(_without_thousands(value.strip(), column) if "," in value else value)
    else:
        number = exact(value if isinstance(value, Decimal) else _literal(value, most))
    if number is None:
        raise Unreadable(column, "not a number", value=shown(value))
    if abs(number) > most:
        raise Unreadable(column, "not a number of a log", value=shown(value))
    return number


def _literal(value: float, most: int) -> str:
    # an integer of thousands of digits has no text
    return repr(value) if isinstance(value, float) or abs(value) <= most else "1e30"


def _without_thousands(literal: str, column: str) -> str:
    if not THOUSANDS.fullmatch(literal):
        raise Unreadable(
            column,
            "a comma that does not stand between thousands",
            option="write decimal points as `.`",
            value=shown(literal),
        )
    return literal.replace(",", "")


def read_count(value: Any, column: str) -> int:
    if isinstance(value, str) and COUNT_THOUSANDS.fullmatch(value.strip()):
        value = value.replace(",", "")
    number = read_number(value, column)
    if number != number.to_integral_value():
        raise Unreadable(column, "not a whole number", value=shown(value))
    if number < 0:
        raise Unreadable(column, "negative", value=shown(value))
    return int(number)


def read_seconds(value: Any, column: str) -> int:
    """Whole seconds, as bills count them: the nearest, and one for less than one."""
    number = read_number(value, column)
    if number < 0:
        raise Unreadable(column, "negative")
    return max(int(number > 0), int(number + Decimal("0.5")))


def read_flag(value: Any, column: str) -> bool:
    flag = FLAGS.get(str(value).strip().lower())
    if flag is None:
        raise Unreadable(column, "neither true nor false", value=shown(value))
    return flag


def read_moment(value: Any, column: str, columns: Columns) -> datetime:
    try:
        return _moment(value, column, columns)
    except Unreadable as refusal:
        refusal.value = shown(value)
        refusal.option = refusal.option or (
            f"timestamp_format (it is {columns.timestamp_format}): iso, epoch_s, epoch_ms, epoch_us"
            " or a strptime format"
        )
        raise


def _moment(value: Any, column: str, columns: Columns) -> datetime:
    if isinstance(value, datetime):
        return utc_instant(value, column, columns.zone)
    form = columns.timestamp_format
    if form in EPOCHS:
        counted = read_number(value, column, MOST_SINCE)
        return epoch_instant(str(counted), column, EPOCHS[form])
    if not isinstance(value, str):
        raise Unreadable(
            column, "a number as a time", option="timestamp_format: epoch_s, epoch_ms or epoch_us"
        )
    if form == "iso":
        return text_instant(value, column, columns.zone)
    try:
        moment = datetime.strptime(value.strip(), form)  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise Unreadable(column, "not a time of timestamp_format") from None
    return utc_instant(moment, column, columns.zone)
