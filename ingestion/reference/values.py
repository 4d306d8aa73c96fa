"""Texts of a reference CSV to values; a ValueError says what is wrong with the text."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from ingestion.contracts import LIMIT, SCALE

MONEY_TEXT: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def text(value: str) -> str:
    return value


def lower_case(value: str) -> str:
    return value.lower()


def dimensions(value: str) -> str:
    """`name=value;…`, each name once; as it is written but for white space."""
    parts = [part.partition("=") for part in value.split(";") if part.strip()]
    pairs = {name.strip(): word.strip() for name, _, word in parts}
    if len(pairs) < len(parts) or not all(name and word for name, word in pairs.items()):
        raise ValueError(f"`{value}` is not name=value;…, each name once and none empty")
    return ";".join(f"{name}={word}" for name, word in pairs.items())


def choice(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"`{value}` is not one of {', '.join(allowed)}")
        return value

    return read


def true_false(value: str) -> bool:
    return choice("true", "false")(value.lower()) == "true"


def currency(value: str) -> str:
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValueError(f"`{value}` is not a currency code like USD")
    return value


def money(value: str) -> Decimal:
    """Exactly the written number, at most 12 places."""
    if not MONEY_TEXT.fullmatch(value):
        raise ValueError(
            f"`{value}` is not a number like 1234.56: no thousands separators, symbols or spaces"
        )
    try:
        amount = Decimal(value)
        exact = amount.quantize(SCALE) if abs(amount) < LIMIT else None
    except InvalidOperation:
        exact = None
    if exact is None or exact != amount:
        raise ValueError(f"`{value}` has more than 12 decimal places or 26 digits before them")
    return exact


def cost(value: str) -> Decimal:
    amount = money(value)
    if amount < 0:
        raise ValueError(f"`{value}` is negative: a cost is 0 or more")
    return amount


def capacity(value: str) -> int:
    if not re.fullmatch(r"\d{1,15}", value) or int(value) == 0:
        raise ValueError(f"`{value}` is not a whole number of units in an hour like 12000000")
    return int(value)


def seat_count(value: str) -> int:
    if not re.fullmatch(r"\d{1,7}", value) or int(value) == 0:
        raise ValueError(f"`{value}` is not a whole number of seats like 12")
    return int(value)


def percent(value: str) -> Decimal:
    amount = money(value.removesuffix("%").rstrip())
    if amount > 100:
        raise ValueError(f"`{value}`: a discount cannot exceed 100 percent")
    return amount


def whole(value: str) -> int:
    if not re.fullmatch(r"\d{1,18}", value):
        raise ValueError(f"`{value}` is not a whole number of tokens like 200000")
    return int(value)


def priority(value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise ValueError(f"`{value}` is not a whole number like 10: lower numbers go first")
    return int(value)


def month(value: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}", value):
            return date.fromisoformat(f"{value}-01")
    except ValueError:
        pass
    raise ValueError(f"`{value}` is not a month: write it as 2026-10")


def day(value: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"`{value}` is not a date: write it as 2026-10-31")


def instant(value: str) -> datetime:
    """A date is its midnight UTC; a time must say its offset."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"`{value}` is not a date like 2026-10-01 or a time like 2026-10-01T08:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"`{value}` says no time zone: end it with Z or an offset like +02:00")
    return moment.astimezone(UTC)
