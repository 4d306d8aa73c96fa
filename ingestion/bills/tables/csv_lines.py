"""Lines of CSV: their fields, and where each of them ends."""

import csv
from collections.abc import Iterator
from io import StringIO

from ingestion.bills.tables.text_blocks import Block
from ingestion.reading.records.json_records import LINE_END

Fields = list[str] | None  # None where it is no CSV


def csv_records(data: bytes, delimiter: str) -> Iterator[Fields]:
    """The fields of each record; blank lines are none."""
    text = StringIO(data.decode(errors="replace"), newline="")
    yield from _records(csv.reader(text, delimiter=delimiter))


def csv_places(data: bytes, delimiter: str) -> Iterator[tuple[Fields, int, int]]:
    """The same, with the bytes where each begins and ends; it takes much longer."""
    lines = _Lines(data)
    start = 0
    for fields in _records(csv.reader(lines, delimiter=delimiter)):
        literal = data[start : lines.taken]
        start += len(literal) - len(literal.lstrip(b"\r\n"))
        yield fields, start, lines.taken
        start = lines.taken


def _records(reader: Iterator[list[str]]) -> Iterator[Fields]:
    while True:
        try:
            fields = next(reader, None)
        except csv.Error:
            yield None
            continue
        if fields is None:
            return
        if fields:
            yield fields


class _Lines:
    """Feeds a CSV parser and knows which bytes it has taken."""

    def __init__(self, data: bytes) -> None:
        self._data, self.taken = data, 0

    def __iter__(self) -> Iterator[str]:
        while self.taken < len(self._data):
            found = LINE_END.search(self._data, self.taken)
            end = found.end() if found else len(self._data)
            line = self._data[self.taken : end]
            self.taken = end
            yield line.decode(errors="replace")


def line_places(block: Block) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of each line."""
    start = 0
    while start < len(block.data):
        found = block.data.find(b"\n", start)
        end = found + 1 if found >= 0 else len(block.data)
        yield block.start + start, block.data[start:end].rstrip(b"\r\n")
        start = end
