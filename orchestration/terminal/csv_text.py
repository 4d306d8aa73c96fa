"""Rows as CSV bytes that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8; text that a spreadsheet takes for a formula gets a leading `'`."""
    return csv_lines([columns, *([_cell(value) for value in row] for row in rows)]).encode()


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as they are, `\\n` line ends."""
    lines = []
    for row in rows:
        line = io.StringIO()
        # a writer quotes only the line ends it writes itself, and a bare \\r would start a row
        csv.writer(line, lineterminator="\r\n").writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n") + "\n")
    return "".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return plain(value)


def plain(value: Any) -> str:
    """A value as text: numbers with all their digits and no exponent, NULL as empty."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
