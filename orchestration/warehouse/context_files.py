"""What each landed file of `request_context` holds by day, told once: files never change.

Tables of schema `seen`, as those of request_files.py: a run opens the files of the days in hand.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from orchestration.warehouse.parquet_days import file_list
from orchestration.warehouse.rows_hash import hash_of_rows

ROW: Final = "source, batch, object_no, record_no, join_key, join_value, occurred_at, attributes"
DAYS: Final = f"""
    SELECT
        file,
        source,
        CAST(occurred_at AT TIME ZONE 'UTC' AS DATE) AS day,
        batch,
        min(object_no) AS first_object,
        max(object_no) AS last_object,
        count(*) AS rows,
        {hash_of_rows(ROW)} AS rows_hash
    FROM {{rows}}
    WHERE occurred_at IS NOT NULL
    GROUP BY ALL
"""
PLACES: Final = pa.schema([("name", pa.string()), ("path", pa.string())])
VERSION: Final = hashlib.sha256(DAYS.encode()).hexdigest()


def keep_up_contexts(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: pa.Schema
) -> None:
    """`seen.context_days` and `context_files` are of `files` and no other; new ones are read.

    Schema `seen` is there.
    """
    _prepare(connection, columns)
    places = pa.table(
        {"name": ["/".join(file.parts[-4:]) for file in files], "path": [str(f) for f in files]},
        schema=PLACES,
    )
    connection.register("places", places)
    read = connection.execute("SELECT name FROM seen.context_files").fetchall()
    known = {name for [name] in read}
    new = [
        path
        for name, path in zip(places["name"].to_pylist(), places["path"].to_pylist(), strict=True)
        if name not in known
    ]
    connection.execute("DELETE FROM seen.context_days WHERE file NOT IN (SELECT name FROM places)")
    if new:
        rows = (
            "(SELECT landed.*, places.name AS file"
            " FROM (SELECT * FROM seen.context_columns UNION ALL BY NAME"
            f" SELECT * FROM read_parquet({file_list(map(Path, new))},"
            " union_by_name = true, filename = 'path')) AS landed"
            " JOIN places ON landed.path = places.path)"
        )
        connection.execute(f"INSERT INTO seen.context_days {DAYS.format(rows=rows)}")
    connection.execute("DELETE FROM seen.context_files")
    connection.execute("INSERT INTO seen.context_files SELECT name, path FROM places")
    connection.unregister("places")


def _prepare(connection: duckdb.DuckDBPyConnection, columns: pa.Schema) -> None:
    """As this release has them: of another one all files are read anew."""
    connection.execute("CREATE TABLE IF NOT EXISTS seen.context_version (version VARCHAR)")
    version = hashlib.sha256((VERSION + str(columns)).encode()).hexdigest()
    if connection.execute("SELECT version FROM seen.context_version").fetchall() == [(version,)]:
        return
    connection.register("no_rows", columns.empty_table())
    connection.execute("CREATE OR REPLACE TABLE seen.context_columns AS SELECT * FROM no_rows")
    connection.unregister("no_rows")
    connection.execute("CREATE OR REPLACE TABLE seen.context_files (name VARCHAR, path VARCHAR)")
    empty = DAYS.format(rows="(SELECT *, '' AS file FROM seen.context_columns)")
    connection.execute(f"CREATE OR REPLACE TABLE seen.context_days AS {empty} LIMIT 0")
    connection.execute(
        "CREATE OR REPLACE TABLE seen.context_version AS SELECT ? AS version", [version]
    )
