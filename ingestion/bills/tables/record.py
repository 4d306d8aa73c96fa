"""One record of an export: its values by column, each read as what it is or refused by name."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from ingestion.bills.lines import amounts
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.json_values import json_value


class Record(ABC):
    """`value` is None for what is empty and for a column that the file does not have."""

    @abstractmethod
    def value(self, column: str) -> Any: ...

    @abstractmethod
    def whole(self) -> dict[str, Any]:
        """Every column with a value."""

    def text(self, column: str) -> str | None:
        value = self.value(column)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = str(value)
        return amounts.text(value, column)

    def needed(self, column: str) -> str:
        value = self.text(column)
        if value is None:
            raise RowError(column, "missing")
        return value

    def number(self, column: str) -> Decimal | None:
        """Exact; a float is what its shortest spelling says."""
        return _number(self.value(column), column)

    def money(self, column: str) -> Decimal:
        number = self.number(column)
        if number is None:
            raise RowError(column, "missing")
        return amounts.rounded(number, 12)

    def quantity(self, column: str, factor: Decimal = Decimal(1)) -> Decimal | None:
        """In single units: `factor` is how many of them one of the column is."""
        number = self.number(column)
        return None if number is None else amounts.rounded(amounts.product(number, factor), 6)

    def currency(self, column: str) -> str:
        return amounts.currency(self.value(column), column)

    def instant(self, column: str) -> datetime:
        """UTC; a time without an offset is UTC, a day its midnight."""
        value = self.value(column)
        if value is None:
            raise RowError(column, "missing")
        moment = value if isinstance(value, date) else _parsed(str(value).strip())
        if moment is None:
            raise RowError(column, "not a time")
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        try:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except OverflowError:
            raise RowError(column, "beyond the calendar") from None

    def mapping(self, column: str) -> dict[str, str]:
        """Tags or labels: JSON in a text, an object, or a list of pairs or of {key, value}."""
        value = self.value(column)
        if isinstance(value, str):
            try:
                value = json_value(value)
            except ValueError:
                raise RowError(column, "not JSON") from None
        if isinstance(value, list | tuple):
            value = dict(_pair(each, column) for each in value)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise RowError(column, "not an object")
        return {str(key): str(each) for key, each in value.items() if each is not None}

    def within(self, column: str, *path: str) -> Any:
        """A field of an object, which is a struct or JSON in a text."""
        value = self.value(column)
        if isinstance(value, str):
            try:
                value = json_value(value)
            except ValueError:
                raise RowError(column, "not JSON") from None
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return None if value == "" else value

    def text_within(self, column: str, *path: str) -> str | None:
        return amounts.text(self.within(column, *path), ".".join((column, *path)))

    def number_within(self, column: str, *path: str) -> Decimal | None:
        return _number(self.within(column, *path), ".".join((column, *path)))

    def raw(self) -> str:
        """Evidence: JSON of what the record says."""
        return msgspec.json.encode(self.whole(), enc_hook=str, order="sorted").decode()


class ListRecord(Record):
    """A line of CSV; `columns` are the places of names."""

    __slots__ = ("_columns", "_nulls", "_values")

    def __init__(
        self, columns: Mapping[str, int], values: Sequence[str], nulls: frozenset[str]
    ) -> None:
        self._columns, self._values, self._nulls = columns, values, nulls

    def value(self, column: str) -> Any:
        place = self._columns.get(column)
        if place is None:
            return None
        value = self._values[place]
        return None if value in self._nulls else value

    def whole(self) -> dict[str, Any]:
        said = {name: self._values[place] for name, place in self._columns.items()}
        return {name: value for name, value in said.items() if value not in self._nulls}


class DictRecord(Record):
    """An object of JSON."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def value(self, column: str) -> Any:
        value = self._values.get(column)
        return None if value == "" else value

    def whole(self) -> dict[str, Any]:
        return {name: value for name, value in self._values.items() if value not in (None, "")}


def _number(value: Any, field: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, float):
        value = repr(value)
    return amounts.exact(value.strip() if isinstance(value, str) else value, field)


def _parsed(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None


def _pair(each: Any, column: str) -> tuple[str, Any]:
    if isinstance(each, Mapping) and "key" in each:
        return str(each["key"]), each.get("value")
    if isinstance(each, list | tuple) and len(each) == 2:
        return str(each[0]), each[1]
    raise RowError(column, "a list of what is no pair")
