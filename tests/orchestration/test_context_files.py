"""What landed files of context hold by day is told once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contracts import REQUEST_CONTEXT
from orchestration.warehouse.context_files import keep_up_contexts

NOON = datetime(2026, 10, 8, 12, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema seen")
        yield connection


def landed(folder: Path, name: str, *rows: dict[str, Any]) -> Path:
    file = folder / "request_context" / "log" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([field.with_nullable(True) for field in REQUEST_CONTEXT])
    said = {"source": "log", "occurred_at": NOON, "batch": 1, "join_key": "k", "join_value": "v"}
    pq.write_table(pa.Table.from_pylist([{**said, **row} for row in rows], schema=schema), file)
    return file


def days(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select day, rows, rows_hash from seen.context_days order by day"
    ).fetchall()


def test_a_file_that_was_seen_is_not_opened_again_and_what_has_no_time_is_of_no_day(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = ({"record_no": 0}, {"record_no": 1, "occurred_at": None})
    file = landed(tmp_path, "2026-10-08/1-a.parquet", *rows)
    keep_up_contexts(connection, [file], REQUEST_CONTEXT)
    before = days(connection)
    assert [row[:2] for row in before] == [(date(2026, 10, 8), 1)]
    file.write_bytes(b"no Parquet")
    keep_up_contexts(connection, [file], REQUEST_CONTEXT)
    assert days(connection) == before
    keep_up_contexts(connection, [], REQUEST_CONTEXT)
    assert days(connection) == []


def test_rows_that_exchange_what_is_hashed_last_are_others(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Of these two DuckDB's own hashes sum to the same."""
    first, second = {"record_no": 1}, {"record_no": 2_290_610}
    none, some = {"attributes": "{}"}, {"attributes": '{"a":186}'}
    as_was = landed(tmp_path, "2026-10-08/1-a.parquet", first | none, second | some)
    keep_up_contexts(connection, [as_was], REQUEST_CONTEXT)
    before = days(connection)
    other = landed(tmp_path, "2026-10-08/1-b.parquet", first | some, second | none)
    keep_up_contexts(connection, [other], REQUEST_CONTEXT)
    assert days(connection) != before
