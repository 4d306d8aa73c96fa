"""Layouts of journals: data, `layouts/<name>.yml`, one for each kind of ledger.

A column's `from` names what it holds, a list the first of several that is not empty:

    journal, batch, line, row          ids and numbers of Tollbook's own
    date, period, currency, narration, memo
    account, debit, credit, debit_or_zero, credit_or_zero, amount, signed, side
    vendor                             the name that the entry's `vendors` has
    combination, segment.N             account and dimensions as the entry puts them together
    tracking.N, option.N               a dimension's name, and its value
    dimension.NAME                     of accounts.csv
    reversal_date, reversal_reason     of an accrual
    fact.NAME                          of the entry in tollbook.yaml
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent / "layouts"
# A journal is not whole without them, whatever a template calls them.
AMOUNTS: Final = frozenset(
    ("debit", "credit", "debit_or_zero", "credit_or_zero", "amount", "signed", "side")
)


@dataclass(frozen=True, slots=True)
class Column:
    """`length`: characters; a longer text is cut where `cut` says so, else refused."""

    name: str
    sources: Sequence[str] = ()
    value: str = ""
    position: int = 0
    required: bool = False
    length: int = 0
    cut: bool = False
    digits: int = 0

    @property
    def is_amount(self) -> bool:
        return not AMOUNTS.isdisjoint(self.sources)


@dataclass(frozen=True, slots=True)
class Layout:
    """`places`: most decimal places. `more_columns`: dimensions that it has no column for get one.
    `entity`: the column for each of whose values a journal balances. `width`: of positions.
    """

    title: str
    source: str
    confirmed: bool
    checked: str
    columns: Sequence[Column]
    header: bool = True
    date: str = "YYYY-MM-DD"
    places: int = 3
    lines_a_file: int = 0
    lines_a_journal: int = 0
    width: int = 0
    zip: str = ""
    cost_center: str = ""
    entity: str = ""
    more_columns: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reverses(self) -> bool:
        """Whether a journal can say when it is reversed."""
        return any("reversal_date" in column.sources for column in self.columns)

    @property
    def most_lines(self) -> int | None:
        """Of one journal."""
        return min(
            (most for most in (self.lines_a_file, self.lines_a_journal) if most), default=None
        )


@cache
def load_layout(name: str) -> Layout:
    said: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    said["columns"] = [_column(column) for column in said["columns"]]
    return Layout(**said)


def _column(said: Mapping[str, Any]) -> Column:
    source = said.get("from", [])
    rest = {each.name: said[each.name] for each in fields(Column) if each.name in said}
    return Column(**rest | {"sources": [source] if isinstance(source, str) else source})
