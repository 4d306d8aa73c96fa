"""What the tables of a warehouse are now, as Dagster shows and plots it."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

ROWS: Final = """
    SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name = ? ORDER BY 1
"""
COLUMNS: Final = """
    SELECT table_name, column_name, data_type FROM duckdb_columns()
    WHERE schema_name = ? ORDER BY table_name, column_index
"""


def rows_of(warehouse: Path, schema: str) -> dict[str, int]:
    """Table -> rows, as DuckDB keeps count of them; views are left out."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        return _rows(connection, schema)


def rows_and_columns_of(
    warehouse: Path, schema: str
) -> tuple[dict[str, int], Mapping[str, list[tuple[str, str]]]]:
    """The same; and table or view -> its columns in order, each with its type."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    # to open a warehouse costs more than to ask it
    with duckdb.connect(warehouse, read_only=True) as connection:
        for table, column, kind in connection.execute(COLUMNS, [schema]).fetchall():
            found[table].append((column, kind))
        return _rows(connection, schema), found


def _rows(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, int]:
    return dict(connection.execute(ROWS, [schema]).fetchall())
