"""Files that landed under an older contract are read beside, or without, newer ones."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import REQUESTS
from orchestration.warehouse.landing_schema import forget_other_rules, replace_landing


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
