"""LiteLLM_SpendLogs as CSV with a header, as Postgres' COPY and SQL clients write the table.

JSON columns stand there as texts, and an empty cell is NULL.
"""

from collections.abc import Callable

import msgspec

from ingestion.reading.collecting import Collected, ToRow, whole_lines
from ingestion.reading.records.csv_records import csv_records, is_cut_off
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.unreadable import Unreadable
from ingestion.records import Parsed, Row

# A record of JSON and the bytes that were logged.
RowsOf = Callable[[bytes, bytes], list[Row]]


def read_csv(content: Decompressed, rows_of: RowsOf, collected: Collected) -> Parsed:
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in csv_records(whole, ","):
        if header is None:
            header = [name.strip() for name in fields]
        elif offset + len(literal) == len(whole) and is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            collected.add(literal, offset, _of_line(header, fields, rows_of))
    return collected.finish(content, end)


def _of_line(header: list[str], fields: list[str], rows_of: RowsOf) -> ToRow:
    def to_row(literal: bytes, record_no: int) -> list[Row]:
        if len(fields) != len(header):
            reason = f"{len(fields)} fields where the header has {len(header)}"
            raise Unreadable(None, reason, option="quotes around the fields")
        try:
            literal.decode()
        except UnicodeDecodeError:
            raise Unreadable(None, "not UTF-8", option="save the log as UTF-8") from None
        cells = {name: cell or None for name, cell in zip(header, fields, strict=True)}
        return rows_of(msgspec.json.encode(cells), literal)

    return to_row
