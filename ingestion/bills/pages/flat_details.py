"""Columns for which a query had no room, from a second query of the same money.

A query takes five columns, and a price may depend on seven. Rows of the two that agree in all
columns that both have say the same money: where one side has a single row, the other side's rows
have its columns too. Where both have several, nothing says which belongs to which, and such a row
knows none of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ingestion.bills.pages.flat_page import FlatFormat, FlatRow, Span

Key = tuple[Span, frozenset[tuple[str, str]]]
Measures = Mapping[str, Decimal]
# Two sums of the same fractional cents; a larger difference is other money.
_TIE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Part:
    """Of a row, what has these keys. Columns in `unknown` differ within it."""

    keys: Mapping[str, str]
    measures: Measures
    unknown: frozenset[str] = frozenset()


def detailed(
    rows: Iterable[FlatRow],
    columns: frozenset[str],
    finer: Iterable[FlatRow],
    finer_columns: frozenset[str],
    form: FlatFormat,
) -> dict[Key, list[Part]]:
    """Parts of each of `rows` by its key, which sum to it. Rows that `finer` says nothing of, or
    other money of, are left out."""
    wanted = [name for name in form.details if name in finer_columns - columns]
    if not wanted:
        return {}
    shared = columns & finer_columns
    coarse_by, fine_by = _by(rows, shared), _by(finer, shared)
    found: dict[Key, list[Part]] = {}
    for key, coarse in coarse_by.items():
        fine = fine_by.get(key, [])
        if _tied(_total(coarse), _total(fine)):
            for row, parts in _matched(coarse, fine, wanted):
                found[row.key] = parts
    return found


def _by(rows: Iterable[FlatRow], columns: frozenset[str]) -> dict[object, list[FlatRow]]:
    found: defaultdict[object, list[FlatRow]] = defaultdict(list)
    for row in rows:
        shared = frozenset(pair for pair in row.keys.items() if pair[0] in columns)
        found[row.span, shared].append(row)
    return found


def _total(rows: Iterable[FlatRow]) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        for name, amount in row.measures.items():
            sums[name] += amount
    return sums


def _tied(one: Measures, other: Measures) -> bool:
    return bool(other) and all(
        abs(one.get(name, Decimal()) - other.get(name, Decimal())) <= _TIE
        for name in one.keys() | other.keys()
    )


def _matched(
    coarse: list[FlatRow], fine: list[FlatRow], wanted: list[str]
) -> Iterable[tuple[FlatRow, list[Part]]]:
    said = {tuple(row.keys.get(name) for name in wanted) for row in fine}
    if len(said) == 1:
        [values] = said
        details = {n: v for n, v in zip(wanted, values, strict=True) if v is not None}
        for row in coarse:
            yield row, [Part({**row.keys, **details}, row.measures)]
    elif len(coarse) == 1:
        yield coarse[0], _split(coarse[0], fine, wanted)
    else:
        differing = frozenset(
            name for n, name in enumerate(wanted) if len({values[n] for values in said}) > 1
        )
        same = {
            name: value
            for name, value in zip(wanted, min(said, key=repr), strict=True)
            if name not in differing and value is not None
        }
        for row in coarse:
            yield row, [Part({**row.keys, **same}, row.measures, differing)]


def _split(row: FlatRow, fine: list[FlatRow], wanted: list[str]) -> list[Part]:
    """What the finer rows do not sum to (a rounding) goes to the largest of them."""
    ordered = sorted(
        fine, key=lambda each: (-max(each.measures.values()), sorted(each.keys.items()))
    )
    measures = [dict(each.measures) for each in ordered]
    total = _total(fine)
    for name, amount in row.measures.items():
        measures[0][name] = measures[0].get(name, Decimal()) + amount - total[name]
    return [
        Part({**row.keys, **{n: each.keys[n] for n in wanted if n in each.keys}}, part)
        for each, part in zip(ordered, measures, strict=True)
    ]
