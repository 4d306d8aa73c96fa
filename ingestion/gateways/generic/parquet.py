"""A company's own log in Parquet: by columns where it is many plain records, else one by one."""

import io
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.gateways.generic.by_columns import Made, can_be_columns, columns_of_table
from ingestion.gateways.generic.choices import of_names
from ingestion.gateways.generic.object_rows import ObjectRows
from ingestion.reading.collecting import Collected
from ingestion.reading.records.parquet_records import (
    UNHELD,
    check_size,
    in_microseconds,
    records_of,
)
from ingestion.reading.unreadable import Unreadable
from ingestion.records import Parsed, Row
from ingestion.workspace.sections.object_limits import TooLarge

# Records of a table that are in hand at once.
TOGETHER: Final = 50_000


def read_parquet(data: bytes, rows: ObjectRows) -> Parsed:
    collected = Collected(rows.named, rows.limits)
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        known = rows.columns.known
        places = [name for name in file.schema_arrow.names if name in known]
        check_size(file.metadata, rows.limits)
        table = file.read(columns=places)
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error) if isinstance(error, TooLarge) else "damaged Parquet"
        collected.reject(what, "object", data)
        return collected.parsed
    if not places:
        # of no column Arrow cuts no part
        for _ in range(table.num_rows):
            collected.add(b"", None, lambda literal, number: rows.of_record({}, literal, number))
        return collected.parsed
    for start in range(0, table.num_rows, TOGETHER):
        _add_table(table.slice(start, TOGETHER), start, rows, collected)
    return collected.parsed


def _add_table(table: pa.Table, start: int, rows: ObjectRows, collected: Collected) -> None:
    made = _as_columns(table, start, rows, collected)
    end, left = start + table.num_rows, list(range(table.num_rows))
    if made is not None:
        collected.add_columns(made[0], pc.add(made[1], start))
        left = sorted(set(left).difference(made[1].to_pylist()))
        table = table.take(pa.array(left, pa.int64()))
    for place, record in zip(left, records_of(table), strict=True):

        def to_row(literal: bytes, record_no: int, record: Row = record) -> Row:
            for column, value in record.items():
                if value is UNHELD:
                    raise Unreadable(column, "a value that no time or text can hold")
            return rows.of_record(record, literal, record_no)

        collected.skip_to(start + place)
        collected.add(repr(sorted(record.items())).encode(), None, to_row)
    collected.skip_to(end)


def _as_columns(table: pa.Table, start: int, rows: ObjectRows, collected: Collected) -> Made | None:
    """None where the records are to be read one by one."""
    columns = of_names(rows.columns, table.column_names)
    if columns is None or not can_be_columns(table, columns):
        return None

    def rows_of(places: Sequence[int]) -> list[Row | None]:
        numbers = (start + place for place in places)
        return rows.landed(zip(numbers, records_of(micros.take(places)), strict=True), collected)

    try:
        micros = in_microseconds(table)
        return columns_of_table(micros, columns, rows.source, rows_of)
    except (pa.ArrowException, OverflowError, ValueError):
        # a value that a column of the contract does not hold: told by its record
        return None
