"""A field that the workspace gives several columns: the first with a value is the record's.

Decided by record, before a rule reads it: a rule knows one column of each field, and tells it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingestion.gateways.generic.columns import Columns, settled
from ingestion.gateways.generic.paths import ABSENT, heads, value_at
from ingestion.gateways.generic.values import is_empty


def of_record(columns: Columns, record: Mapping[str, Any]) -> Columns:
    if not columns.choices:
        return columns
    return settled(columns, {field: _first(record, columns, field) for field in columns.choices})


def of_all(columns: Columns, records: Sequence[Mapping[str, Any]]) -> Columns | None:
    """None where the records' values of one field stand in several columns."""
    chosen: dict[str, str] = {}
    for field in columns.choices:
        firsts = {
            path
            for record in records
            if not is_empty(value_at(record, path := _first(record, columns, field)))
        }
        if len(firsts) > 1:
            return None
        chosen[field] = next(iter(firsts), _first_there(records, columns, field))
    return settled(columns, chosen) if chosen else columns


def of_names(columns: Columns, names: Collection[str]) -> Columns | None:
    """For a table, of whose values nothing is known: None where it has several of one field."""
    chosen: dict[str, str] = {}
    for field, paths in columns.choices.items():
        there = [path for path in paths if any(head in names for head in heads(path))]
        if len(there) > 1:
            return None
        chosen[field] = next(iter(there), paths[0])
    return settled(columns, chosen) if chosen else columns


def _first(record: Mapping[str, Any], columns: Columns, field: str) -> str:
    paths = columns.choices[field]
    there = None
    for path in paths:
        value = value_at(record, path)
        if not is_empty(value):
            return path
        if there is None and value is not ABSENT:
            there = path
    return there or paths[0]


def _first_there(records: Sequence[Mapping[str, Any]], columns: Columns, field: str) -> str:
    paths = columns.choices[field]
    for path in paths:
        if any(value_at(record, path) is not ABSENT for record in records):
            return path
    return paths[0]
