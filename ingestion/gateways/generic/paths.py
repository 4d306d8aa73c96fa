"""Values of a record by the name of a column, or by a path below one.

`usage_details.input` is the column of that name, else `input` in what the column `usage_details`
holds: an object, a Parquet struct or map, or JSON in a cell's text. A number is a place in a list,
and `choices[0].finish_reason` the same as `choices.0.finish_reason`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from ingestion.reading.exact_numbers import json_number

_JSON: Final = msgspec.json.Decoder(Any, float_hook=json_number)
ABSENT: Final = object()
_PLACE: Final = re.compile(r"\[([0-9]+)\]")


def value_at(record: Mapping[str, Any], column: str) -> Any:
    """ABSENT where the record has no such column or path."""
    if column in record:
        return record[column]
    found = _below(record, column) if "." in column else ABSENT
    if found is ABSENT and (dotted := _dotted(column)) != column:
        found = _below(record, dotted)
    return found


def heads(column: str) -> Iterator[str]:
    """The columns that a file must have one of for the path to lead anywhere."""
    for path in dict.fromkeys((column, _dotted(column))):
        yield from _beginnings(path)


def _beginnings(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


@lru_cache(maxsize=1024)
def _dotted(path: str) -> str:
    return _PLACE.sub(r".\1", path)


def unfolded(value: Any) -> Any:
    """An object or list that stands as JSON in a text, or as a Parquet map; else the value."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return _JSON.decode(value)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return value
    if isinstance(value, list) and value and all(_is_entry(each) for each in value):
        return dict(value)
    return value


def _below(found: Any, path: str) -> Any:
    """The longest name that is there goes first: names may have dots of their own."""
    found = unfolded(found)
    if isinstance(found, Mapping) and path in found:
        return found[path]
    for head in reversed(list(_beginnings(path))[:-1]):
        inner = _child(found, head)
        if inner is not ABSENT:
            value = _below(inner, path[len(head) + 1 :])
            if value is not ABSENT:
                return value
    return _child(found, path)


def _child(found: Any, name: str) -> Any:
    if isinstance(found, Mapping):
        return found.get(name, ABSENT)
    if isinstance(found, list) and name.isdecimal() and len(name) < 10 and int(name) < len(found):
        return found[int(name)]
    return ABSENT


def _is_entry(each: Any) -> bool:
    return isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)
