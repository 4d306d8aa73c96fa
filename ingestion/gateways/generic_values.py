"""How one value of a company's own log is read; what is none raises Unreadable."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingestion.gateways.amounts import MOST
from ingestion.gateways.generic_columns import Columns
from ingestion.gateways.generic_paths import ABSENT
from ingestion.gateways.instants import epoch_instant, text_instant, utc_instant
from ingestion.gateways.unreadable import Unreadable, shown

FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
EPOCHS: Final = {"epoch_s": 1_000_000, "epoch_ms": 1000, "epoch_us": 1}


def is_empty(value: Any) -> bool:
    """Nothing, not there, or no number."""
    if value is None or value is ABSENT or (isinstance(value, str) and not value.strip()):
        return True
    return isinstance(value, float | Decimal) and value != value


def read_text(value: Any, column: str) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | Decimal):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Unreadable(column, "not a text", value=shown(value))


def read_number(value: Any, column: str) -> Decimal:
    """Exact; a thousands comma as in `1,234` is read over."""
    try:
        if isinstance(value, bool):
            raise ValueError
        literal = value.replace(",", "") if isinstance(value, str) else repr(value)
        number = value if isinstance(value, Decimal) else Decimal(literal.strip())
    except (InvalidOperation, ValueError):
        raise Unreadable(column, "not a number", value=shown(value)) from None
    if not number.is_finite() or abs(number) > MOST:
        raise Unreadable(column, "not a number of a log", value=shown(value))
    return number


def read_count(value: Any, column: str) -> int:
    number = read_number(value, column)
    if number != number.to_integral_value():
        raise Unreadable(column, "not a whole number", value=shown(value))
    if number < 0:
        raise Unreadable(column, "negative", value=shown(value))
    return int(number)


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
        return epoch_instant(str(read_number(value, column)), column, EPOCHS[form])
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
