"""Rows of a query as text: a table for eyes, CSV and JSON for programs."""

import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from orchestration.terminal.csv_text import csv_lines, plain
from orchestration.terminal.escapes import one_line, printable_json

Row = Sequence[Any]
WIDTH: Final = 200


def as_table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        numeric = any(isinstance(row[index], int | Decimal | float) for row in rows)
        table.add_column(one_line(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_shown(value) for value in row])
    text = io.StringIO()
    width = _width(columns, rows)
    Console(file=text, width=width, markup=False, highlight=False, emoji=False).print(table)
    return text.getvalue()


def _shown(value: Any) -> str:
    return "NULL" if value is None else one_line(plain(value))


def _width(columns: Sequence[str], rows: Sequence[Row]) -> int:
    """As wide as the rows need: a narrow terminal must not cut numbers."""
    widths = [
        max(cell_len(text) for text in (one_line(column), *(_shown(row[index]) for row in rows)))
        for index, column in enumerate(columns)
    ]
    return max(WIDTH, sum(widths) + 2 * len(widths))


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Cells as they are: exports, not queries, are what spreadsheets open."""
    return csv_lines([columns, *([plain(value) for value in row] for row in rows)])


def as_json(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A list of objects; decimals are JSON numbers with all their digits."""
    encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    return printable_json(msgspec.json.format(encoder.encode(objects), indent=2).decode()) + "\n"


FORMATS: Final[Mapping[str, Callable[[Sequence[str], Sequence[Row]], str]]] = {
    "csv": as_csv,
    "json": as_json,
    "table": as_table,
}
