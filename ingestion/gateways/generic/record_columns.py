"""Decoded records of JSON or CSV as the columns of a table, each of one kind of values.

A record with a value of another kind than others have there is left out: its rules tell it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import NoneType
from typing import Any, Final

import pyarrow as pa

from ingestion.gateways.generic.columns import QUANTITIES, TOKENS, Columns
from ingestion.gateways.generic.own_columns import IDS, OWN
from ingestion.gateways.generic.paths import ABSENT, value_at
from ingestion.gateways.generic.values import EPOCHS

# As logged, these are told: a number must stay as it was written.
TOLD: Final = frozenset((*QUANTITIES, *TOKENS))
MOMENTS: Final = frozenset(("started_at", "ended_at"))
# Where a number and its text are one.
NUMBERS: Final = OWN - MOMENTS - frozenset(IDS)
INT64: Final = range(-(2**63), 2**63)


def record_columns(
    records: Sequence[Mapping[str, Any]], columns: Columns
) -> tuple[pa.Table, list[int]]:
    """The table, and the places of its records."""
    fields: dict[str, set[str]] = {}
    for field, name in columns.sources.items():
        fields.setdefault(name, set()).add(field)
    numbers = NUMBERS | MOMENTS if columns.timestamp_format in EPOCHS else NUMBERS
    said: dict[str, pa.Array] = {}
    odd: set[int] = set()
    for name in sorted(set(columns.read)):
        values = [value_at(record, name) for record in records]
        if any(value is not ABSENT for value in values):
            values = [None if value is ABSENT else value for value in values]
            said[name] = _column(values, fields.get(name, set()), numbers, odd)
    places = [place for place in range(len(records)) if place not in odd]
    table = pa.table(said)
    return (table.take(pa.array(places, pa.int64())) if odd else table), places


def _column(values: list[Any], fields: set[str], numbers: frozenset[str], odd: set[int]) -> Any:
    """The column without the values that are odd, whose places are noted."""
    kinds = Counter(map(type, values))
    kinds.pop(NoneType, None)
    if kinds.keys() <= {str}:
        return pa.array(values, pa.string())
    if kinds.keys() == {int}:
        long = (n for n, v in enumerate(values) if v is not None and v not in INT64)
        _leave_out(values, odd, long)
        return pa.array(values, pa.int64())
    if kinds.keys() <= {int, Decimal} and fields and fields <= numbers:
        return _texts(values)
    if not fields & (OWN | TOLD):
        # tells kinds of records apart; the row of a kind is made of the record
        return pa.array([None if v is None else repr(v) for v in values], pa.string())
    kind = next((kind for kind, _ in kinds.most_common() if kind in (str, int, Decimal)), NoneType)
    others = (n for n, v in enumerate(values) if v is not None and type(v) is not kind)
    _leave_out(values, odd, others)
    if kind is int:
        return _column(values, fields, numbers, odd)
    return _texts(values)


def _texts(values: Iterable[Any]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _leave_out(values: list[Any], odd: set[int], places: Iterable[int]) -> None:
    for place in list(places):
        odd.add(place)
        values[place] = None
