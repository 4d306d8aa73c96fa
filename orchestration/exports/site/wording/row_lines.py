"""The rows of a page's largest table, written without a template: a page has hundreds of them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.statement import Row
from orchestration.exports.site.wording.names import Names, marked_up
from orchestration.exports.site.wording.numbers import Numbers

NONE: Final = "none"
KNOWN: Final = 2**14


class RowLines:
    """Of a statement: its names, its numbers, and whether it is an estimate."""

    def __init__(self, names: Names, numbers: Numbers) -> None:
        self.names = names
        self.numbers = numbers

    def written(
        self,
        rows: Sequence[Row],
        filters: Sequence[str],
        owners: Sequence[str],
        models: Sequence[str],
        is_estimate: bool,
    ) -> Markup:
        """`filters`: owners that the script filters by; `owners`: a column each."""
        places = {model: place for place, model in enumerate(models)}
        lines = (
            f"<tr{''.join(_said(row, filters, places))}>"
            f"{''.join(self._owners(row, owners))}"
            f"{self._numbers(row, is_estimate)}</tr>\n"
            for row in rows
        )
        return Markup("".join(lines))  # every part is escaped

    def _owners(self, row: Row, owners: Sequence[str]) -> Iterator[str]:
        first, *others = owners
        rest = [self._shown(owner, row.owners[owner]) for owner in others]
        shown = self._shown(first, row.owners[first])
        yield f'<th scope="row">{shown}<span class="n">{", ".join(rest)}</span></th>'
        yield from (f'<td class="l w">{value}</td>' for value in rest)

    def _shown(self, owner: str, value: str) -> str:
        if owner == "team":
            return marked_up(self.names.team(value))
        if owner == "feature":
            return marked_up(self.names.feature(value))
        return NONE if value == UNALLOCATED else marked_up(value)

    def _numbers(self, row: Row, is_estimate: bool) -> str:
        each = row.cents / row.requests if row.requests else 0
        if is_estimate:
            cost = f'<span class="est">{self.numbers.estimate(row.cents)}</span>'
        else:
            cost = self.numbers.money(row.cents)
        return (
            f'<td class="w" data-v="{row.requests}">{self.numbers.count(row.requests)}</td>'
            f'<td class="w" data-v="{each}">{self.numbers.per(row.cents, row.requests, 1000)}</td>'
            f'<td data-v="{row.cents}">{cost}</td>'
        )


def _said(row: Row, filters: Sequence[str], places: Mapping[str, int]) -> Iterator[str]:
    """What the script reads of a row."""
    for owner in filters:
        yield f' data-{owner}="{_escaped(row.owners[owner])}"'
    yield f' data-c="{row.cents}"'
    if row.models:
        parts = " ".join(f"{places[model]}:{cents}" for model, cents in row.models.items())
        yield f' data-m="{parts}"'


@lru_cache(KNOWN)
def _escaped(value: str) -> str:
    return escape(value)
