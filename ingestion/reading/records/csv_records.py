"""Cuts an object of CSV into its records, with the bytes where each one stands."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.reading.records.json_records import BOM, LINE_END

# Of one cell; a stored prompt is longer than what Python allows by itself.
LONGEST_CELL: Final = 2**31 - 1


def is_cut_off(literal: bytes, fields: Sequence[str], header: Sequence[str]) -> bool:
    """A last line without an end that lacks fields, or the end of a quoted one."""
    return len(fields) < len(header) or literal.count(b'"') % 2 == 1


def csv_records(data: bytes, delimiter: str) -> Iterator[tuple[int, bytes, list[str]]]:
    """(offset, bytes, fields) of each record; no fields where it is not CSV."""
    csv.field_size_limit(LONGEST_CELL)
    lines = _Lines(data, len(BOM) if data.startswith(BOM) else 0)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        start = lines.taken
        try:
            fields = next(reader, None)
        except csv.Error:
            fields = []
        if fields is None:
            return
        literal = data[start : lines.taken]
        if literal.strip():
            yield start, literal.rstrip(b"\r\n"), fields


@dataclass(slots=True)
class _Lines:
    """Feeds a CSV parser and knows which bytes it has taken."""

    data: bytes
    taken: int

    def __iter__(self) -> Iterator[str]:
        while self.taken < len(self.data):
            found = LINE_END.search(self.data, self.taken)
            end = found.end() if found else len(self.data)
            line = self.data[self.taken : end]
            self.taken = end
            # bytes that are not UTF-8 must cost their own record only
            yield line.decode(errors="replace")
