"""What landed files of requests hold is told once: a run opens those that are new."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contracts import REQUESTS
from orchestration.warehouse.request_files import keep_up

NOON = datetime(2026, 10, 8, 12, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def landed(folder: Path, name: str, *rows: dict[str, Any]) -> Path:
    file = folder / "requests" / "log" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([field.with_nullable(True) for field in REQUESTS])
    of_log = [{"source": "log", "started_at": NOON, "batch": 1, **row} for row in rows]
    pq.write_table(pa.Table.from_pylist(of_log, schema=schema), file)
    return file


def days(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Start day, usage date, rows and their hash, of all files."""
    return connection.execute(
        "select start_day, usage_date, sum(rows), sum(rows_hash) from seen.request_days"
        " group by all order by all"
    ).fetchall()


def test_a_file_that_was_seen_is_not_opened_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = landed(tmp_path, "2026-10-08/1-a.parquet", {"record_no": 0})
    keep_up(connection, [first], REQUESTS)
    before = days(connection)
    first.write_bytes(b"no Parquet")
    second = landed(tmp_path, "2026-10-09/2-b.parquet", {"started_at": NOON + timedelta(days=1)})
    keep_up(connection, [first, second], REQUESTS)
    assert days(connection)[:1] == before
    assert [row[:3] for row in days(connection)][1:] == [(date(2026, 10, 9),) * 2 + (1,)]
    # elsewhere it is the same file; one that is gone is forgotten
    keep_up(connection, [tmp_path / "moved" / first.relative_to(tmp_path)], REQUESTS)
    assert days(connection) == before


def test_files_that_were_merged_add_up_to_what_they_were(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [{"record_no": number, "content_hash": f"c{number % 3}"} for number in range(6)]
    parts = [landed(tmp_path, f"2026-10-08/1-{n}.parquet", rows[n], rows[n + 3]) for n in range(3)]
    keep_up(connection, parts, REQUESTS)
    before = days(connection)
    keep_up(connection, [landed(tmp_path, "2026-10-08/2-m.parquet", *rows)], REQUESTS)
    assert days(connection) == before
    keep_up(connection, [landed(tmp_path, "2026-10-08/3-x.parquet", *rows[1:], {})], REQUESTS)
    assert days(connection) != before


def test_a_batch_is_of_its_start_and_used_when_it_ends_and_its_folder_is_a_hint(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    late = {"service_tier": "Batch", "ended_at": NOON + timedelta(days=2)}
    keep_up(connection, [landed(tmp_path, "2026-10-01/1-a.parquet", late)], REQUESTS)
    assert [row[:3] for row in days(connection)] == [(date(2026, 10, 8), date(2026, 10, 10), 1)]


def test_columns_of_another_release_are_told_anew(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = landed(tmp_path, "2026-10-08/1-a.parquet", {"provider": "openai", "model_served": "m"})
    keep_up(connection, [file], REQUESTS)
    connection.execute("update seen.version set version = 'earlier'")
    connection.execute("alter table seen.request_models drop column names")
    keep_up(connection, [file], REQUESTS)
    found = connection.execute("select provider, names[3] from seen.request_models").fetchall()
    assert found == [("openai", "m")]


def test_rows_that_exchange_what_is_hashed_last_are_others(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Of these two DuckDB's own hashes sum to the same."""
    first, second = {"record_no": 2}, {"record_no": 327_708}
    short, long = {"attributes": "{}"}, {"attributes": '{"a": "b"}'}
    as_was = landed(tmp_path, "2026-10-08/1-a.parquet", first | short, second | long)
    keep_up(connection, [as_was], REQUESTS)
    before = days(connection)
    other = landed(tmp_path, "2026-10-08/1-b.parquet", first | long, second | short)
    keep_up(connection, [other], REQUESTS)
    assert days(connection) != before
