"""Every cell of every reference CSV of the swept company, and what else it could say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from ingestion.reference.tables import TABLES
from tests.field import swept_company

MOMENTS: Final = (
    *("2026-10-01", "2026-10-02", "2026-09-30", "2026-09-05", "2026-09", "2026-10", "2026-11"),
    *("2026-11-01", "2027-01-01", "2026-10-20"),
)
# What a text could be, beside what the other rows of its column say.
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "provider": ("openai", "own", "anthropic"),
    "billing_account": ("org-o", "org-e"),
    "model": ("gpt-4o", "gpt-4o-mini", "house"),
    "meter": ("output", "input"),
    "service_tier": ("batch", "standard"),
    "region": ("us", "eu"),
    "dimension": ("tier", "team"),
    "kind": ("usage", "shortfall", "seats"),
    "covers": ("all",),
    "currency": ("USD", "EUR"),
    "from_currency": ("GBP",),
    "period": ("year",),
    "scope": ("account=org-e", "model=gpt-4o-mini", "default", "team"),
    "dimensions": ("Class=AI;Location=HQ",),
    "match": ("key_alias=k-hr", "user=*", "team=it", "residual_cause=credit"),
    "method": ("keep", "even", "proportional"),
    "basis": ("requests", "tokens"),
    "targets": ("team=hr", "team=hr:10;team=it:90"),
    "supply": ("provisioned", "self_hosted"),
    "capacity_unit": ("requests", "tokens"),
    "commitment_id": ("commit-1",),
    "deployments": ("dep-1", "gpu-1;ptu-1"),
    "deployment_id": ("*", "gpu-1"),
    "credential_id": ("k-it", "key_a"),
    "customer_id": ("c-2", "*"),
    "raw": ("people", "machines"),
    "raw_model": ("new-*", "house", "ft-rank"),
}


# Columns that can say one thing only.
ONE_WORD: Final = ("commitments.kind",)


@dataclass(frozen=True, slots=True)
class Cell:
    """Line `row` (from 0, without the header) of a CSV."""

    csv: str
    row: int
    column: str

    def __str__(self) -> str:
        return f"{self.csv}.csv:{self.row + 2}:{self.column}"

    def changed(self, value: str) -> str:
        """The CSV with another value in this cell."""
        header, rows = swept_company.table(self.csv)
        rows[self.row][header.index(self.column)] = value
        return swept_company.text(header, rows)


def columns() -> dict[str, list[Cell]]:
    """The cells of every column that a CSV may have, so that a new one is swept, too."""
    return {
        f"{name}.{column}": [
            Cell(name, row, column) for row in range(len(swept_company.table(name)[1]))
        ]
        for name, each in TABLES.items()
        for column in each.columns
        if f"{name}.{column}" not in ONE_WORD
    }


def values(cell: Cell) -> Iterator[str]:
    """What a person could write instead; a run may refuse it."""
    header, rows = swept_company.table(cell.csv)
    place = header.index(cell.column)
    now = rows[cell.row][place]
    kind = TABLES[cell.csv].columns[cell.column].arrow
    found: list[str] = []
    if pa.types.is_temporal(kind):
        found += MOMENTS
    elif pa.types.is_boolean(kind):
        found += ("true", "false")
    elif pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        found += (f"{now}0", "7", "2500")
    else:
        found += WORDS.get(cell.column, ())
        found += [row[place] for row in rows]
        found += (f"{now}x", "hr", "x-1")
    yield from (value for value in dict.fromkeys((*found, "")) if value != now)
