"""Files that landed under an older contract are read beside, or without, newer ones."""

from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import REQUESTS
from orchestration.warehouse.landing_schema import forget_other_rules, replace_landing

NULLABLE: Final = pa.schema([field.with_nullable(True) for field in REQUESTS])


def test_a_column_that_no_file_has_is_there_and_null(tmp_path: Path) -> None:
    kept = [name for name in REQUESTS.names if name != "code_sessions_quantity"]
    row = {"request_key": "a", "input_quantity": 5}
    older = pa.schema([REQUESTS.field(name).with_nullable(True) for name in kept])
    file = tmp_path / "older.parquet"
    pq.write_table(pa.Table.from_pylist([row], schema=older), file)
    with duckdb.connect() as connection:
        replace_landing(connection, {"requests": [file]}, {})
        found = connection.sql(
            "select request_key, input_quantity, code_sessions_quantity from landing.requests"
        )
        assert (found.fetchall(), found.types[2]) == ([("a", 5, None)], "BIGINT")


def test_columns_stand_in_the_order_of_the_contract_whatever_files_have(tmp_path: Path) -> None:
    names = [name for name in reversed(REQUESTS.names) if name != "unnamed_attributes"]
    older = pa.schema([REQUESTS.field(name).with_nullable(True) for name in names])
    file = tmp_path / "older.parquet"
    pq.write_table(pa.Table.from_pylist([{"request_key": "a"}], schema=older), file)
    with duckdb.connect() as connection:
        replace_landing(connection, {"requests": [file]}, {})
        assert connection.sql("select * from landing.requests").columns == REQUESTS.names


def test_files_of_two_releases_are_read_side_by_side(tmp_path: Path) -> None:
    older = pa.schema([field for field in NULLABLE if field.name != "code_sessions_quantity"])
    later = NULLABLE.append(pa.field("of_a_later_release", pa.string()))
    files = [
        _file(tmp_path / "1" / f"{name}.parquet", schema, {"request_key": name, **more})
        for name, schema, more in (
            ("older", older, {}),
            ("later", later, {"of_a_later_release": "x"}),
            ("same", NULLABLE, {"code_sessions_quantity": 3}),
            ("other", NULLABLE, {"code_sessions_quantity": 4}),
        )
    ]
    with duckdb.connect() as connection:
        replace_landing(connection, {"requests": files}, {})
        rows = "select request_key, code_sessions_quantity from landing.requests order by 1"
        read = connection.sql(rows).fetchall()
        assert read == [("later", None), ("older", None), ("other", 4), ("same", 3)]
        assert connection.sql("select * from landing.requests").columns[: len(REQUESTS)] == (
            REQUESTS.names
        )


def test_of_files_with_the_same_columns_one_is_opened_to_ask_for_all(tmp_path: Path) -> None:
    files = [
        _file(tmp_path / "1" / f"{rows}.parquet", NULLABLE, *[{"request_key": "a"}] * rows)
        for rows in (1, 5, 900)
    ]
    with duckdb.connect() as connection:
        replace_landing(connection, {"requests": files}, {})
        for each in (files[0], files[2]):
            each.write_bytes(b"whoever opens it fails")
        # of the one of middling size it is taken how large all are
        plan = connection.sql("explain select request_key from landing.requests").fetchall()
        assert "~15 rows" in plan[0][1]


def _file(file: Path, schema: pa.Schema, *rows: dict[str, Any]) -> Path:
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)
    return file


def test_days_that_other_rules_built_are_built_anew_and_once() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate")
        # earlier releases kept requests in the warehouse
        for table in ("int_requests", "int_request_meters", "int_cells"):
            connection.execute(f"create table intermediate.{table} as select 1 as a")
        forget_other_rules(connection, "2")
        tables = "select table_name from information_schema.tables"
        there = f"{tables} where table_schema = 'intermediate'"
        assert connection.sql(there).fetchall() == [("int_cells",)]
        connection.execute("insert into built.built_days values ('2026-10-01', 'a')")
        forget_other_rules(connection, "2")
        assert len(connection.sql("from built.built_days").fetchall()) == 1
        forget_other_rules(connection, "3")
        assert len(connection.sql("from built.built_days").fetchall()) == 0
