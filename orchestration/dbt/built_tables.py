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
        return dict(connection.execute(ROWS, [schema]).fetchall())


def columns_of(warehouse: Path, schema: str) -> Mapping[str, list[tuple[str, str]]]:
    """Table or view -> its columns in order, each with its type."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    with duckdb.connect(warehouse, read_only=True) as connection:
        for table, column, kind in connection.execute(COLUMNS, [schema]).fetchall():
            found[table].append((column, kind))
    return found
