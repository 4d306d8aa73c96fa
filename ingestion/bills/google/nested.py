"""A row of the table with its records by dotted names: `sku.id`, whether the file nests it or not.

CSV of a flattened query has `sku_id` or `sku.id`, and JSON in the place of a list.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.json_values import json_value
from ingestion.bills.tables.record import DictRecord, Record

_PARTS: Final = (
    *("invoice.month", "service.id", "service.description", "sku.id", "sku.description"),
    *("project.id", "project.name", "location.location", "location.region"),
    *("usage.amount", "usage.unit", "adjustment_info.type"),
)
_FLAT: Final = {name.replace(".", "_"): name for name in _PARTS}


def column(name: str) -> str:
    return _FLAT.get(name.lower().replace(".", "_"), name)


class NestedRecord(Record):
    __slots__ = ("_record",)

    def __init__(self, record: Record) -> None:
        self._record = record

    def value(self, column: str) -> Any:
        whole, _, part = column.partition(".")
        said = self._record.value(whole) if part else None
        if part and isinstance(said, str):
            said = _json(said, whole)
        if isinstance(said, Mapping):
            value = said.get(part)
            return None if value == "" else value
        return self._record.value(column)

    def whole(self) -> dict[str, Any]:
        return self._record.whole()

    def each(self, column: str) -> Iterator[Record]:
        """The records of a list, whose fields have the list's name before theirs."""
        said = self._record.value(column)
        if isinstance(said, str):
            said = _json(said, column)
        if said is None:
            return
        if not isinstance(said, list | tuple):
            raise RowError(column, "not a list")
        for one in said:
            if not isinstance(one, Mapping):
                raise RowError(column, "a list of what is no record")
            yield DictRecord({f"{column}.{name}": value for name, value in one.items()})


def _json(text: str, column: str) -> Any:
    try:
        return json_value(text)
    except ValueError:
        raise RowError(column, "not JSON") from None
