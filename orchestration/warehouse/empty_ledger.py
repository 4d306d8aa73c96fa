"""Schema `ledger` before any month is closed: its tables, empty."""

import duckdb
import pyarrow as pa

from ingestion.vocabulary import OWNERS
from orchestration.ledger.contract import schemas


def prepare_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """What closed months are is put in their place by whoever knows the workspace's ledger."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    there = {
        row[0]
        for row in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'ledger'"
        ).fetchall()
    }
    for table, columns in schemas(OWNERS).items():
        if table not in there:
            write_ledger_table(connection, table, columns.empty_table())


def write_ledger_table(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"CREATE TABLE ledger.{table} AS SELECT * FROM incoming")
    connection.unregister("incoming")
