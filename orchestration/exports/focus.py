"""A month in FOCUS: 1.2 as typed Parquet and as CSV, 1.3 as Parquet."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from orchestration.exports.focus_rows import at_once, focus_rows
from orchestration.exports.focus_splits import COLUMNS, splits
from orchestration.terminal.csv_text import FORMULA_STARTS

FOCUS_1_2: Final = ("focus_1_2.parquet", "focus_1_2.csv")
FOCUS_1_3: Final = "focus_1_3.parquet"
FOCUS_FILES: Final = (*FOCUS_1_2, FOCUS_1_3)
# the same rows give the same bytes: groups of rows do not follow DuckDB's own batches
ROWS: Final = 100_000
OF_MONTH: Final = "focus_of_month"
# what an account's rows differ in
ORDER: Final = (
    *("BillingAccountId", "ChargePeriodStart", "x_ChargeId", "ChargeCategory", "Tags", "x_Model"),
    *("x_Meter", "x_CredentialId", "x_MatchLevel", "x_AllocationMethod", "x_ResidualCause"),
    *("x_ServiceTier", "x_ContextBand", "x_UsageDate"),
)
A_FORMULA: Final = f"^([{''.join(FORMULA_STARTS)}])".replace("-", r"\-")


# name and type
Columns = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FocusFile:
    """`totals`: of BilledCost, by currency of the bill."""

    data: bytes
    row_count: int
    totals: Mapping[str, str]


def focus_files(
    connection: duckdb.DuckDBPyConnection, month: date, basis: str
) -> dict[str, FocusFile]:
    """By name. Nothing of a month's rows is held but what was written of them."""
    columns = [row[:2] for row in connection.execute("DESCRIBE main.mart_focus").fetchall()]
    of_month = focus_rows(connection, month, dict(columns), basis)
    with at_once(connection, OF_MONTH, of_month, month) as rows:
        totals = _totals(connection, rows)
        written = _written(connection, _rows(columns, rows), with_csv=True)
        written += _written(connection, _split_rows(columns, rows), with_csv=False)
    return {
        name: FocusFile(data, rows, totals)
        for name, (data, rows) in zip(FOCUS_FILES, written, strict=True)
    }


def _written(
    connection: duckdb.DuckDBPyConnection, sql: str, *, with_csv: bool
) -> list[tuple[bytes, int]]:
    """The Parquet and, where it is asked for, the CSV of a query, each with its number of rows."""
    reader = connection.sql(sql).to_arrow_reader(ROWS)
    sinks = [io.BytesIO() for _ in range(1 + with_csv)]
    rows = 0
    with ExitStack() as writers:
        parquet = writers.enter_context(
            pq.ParquetWriter(sinks[0], reader.schema, compression="zstd")
        )
        text = _as_text(_nothing(reader.schema)).schema
        lines = [writers.enter_context(pa.csv.CSVWriter(sink, text)) for sink in sinks[1:]]
        for table in _groups(reader):
            parquet.write_table(table, row_group_size=ROWS)
            for writer in lines:
                writer.write_table(_as_text(table))
            rows += table.num_rows
    return [(sink.getvalue(), rows) for sink in sinks]


def _rows(columns: Columns, rows: str) -> str:
    named = ", ".join(_column(name, kind) for name, kind in columns)
    return f"SELECT {named} FROM ({rows}) ORDER BY {_ordered()}"


def _split_rows(columns: Columns, rows: str) -> str:
    """Of 1.3: its columns among those before it, custom ones last."""
    kinds = dict(columns)
    own = sorted((name for name in {*kinds, *COLUMNS} if not name.startswith("x_")), key=str.lower)
    custom = [name for name in kinds if name.startswith("x_")]
    named = ", ".join(
        f'{COLUMNS[name]} AS "{name}"' if name in COLUMNS else _column(name, kinds[name])
        for name in (*own, *custom)
    )
    return f"{splits(rows, ORDER)} SELECT {named} FROM shared ORDER BY {_ordered('shared.')}"


def _column(name: str, kind: str) -> str:
    return f'timezone(\'UTC\', "{name}") AS "{name}"' if kind == "TIMESTAMP" else f'"{name}"'


def _ordered(of: str = "") -> str:
    return ", ".join(f'{of}"{name}"' for name in ORDER)


def _totals(connection: duckdb.DuckDBPyConnection, rows: str) -> dict[str, str]:
    sums = connection.execute(
        f'SELECT "BillingCurrency", sum("BilledCost") FROM ({rows}) GROUP BY ALL ORDER BY ALL'
    ).fetchall()
    return {f"BilledCost {currency}": f"{billed:f}" for currency, billed in sums}


def _groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Tables of ROWS rows, the last one of what is left."""
    held = _nothing(reader.schema)
    for batch in reader:
        held = pa.concat_tables([held, pa.Table.from_batches([batch])])
        while held.num_rows >= ROWS:
            yield held.slice(0, ROWS).combine_chunks()
            held = held.slice(ROWS)
    if held.num_rows:
        yield held.combine_chunks()


def _nothing(schema: pa.Schema) -> pa.Table:
    """Not its own `empty_table`: that, `pa.table` and values of Python import pandas, 0.5 s."""
    return pa.Table.from_batches([], schema)


def _as_text(table: pa.Table) -> pa.Table:
    """Moments as RFC 3339, and text that no spreadsheet runs."""
    columns = [_column_as_text(column) for column in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _column_as_text(column: pa.ChunkedArray) -> Any:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(pc.cast(column, pa.timestamp("s", "UTC")), "%Y-%m-%dT%H:%M:%SZ")
    if not pa.types.is_string(column.type):
        return column
    return pc.replace_substring_regex(column, A_FORMULA, r"'\1")
