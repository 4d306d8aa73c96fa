"""What each landed file of requests holds, told once: files never change.

Schema `seen` of the warehouse keeps it from run to run, some rows a file. A run opens the files
that are new, and asks these tables where it would else read all that ever landed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from orchestration.warehouse.owner_places import PLACES as PLACES_OF_OWNERS
from orchestration.warehouse.parquet_days import file_list
from orchestration.warehouse.rows_hash import hash_of_row

# How near to midnight a record may pair with one of the neighbouring day.
EDGE: Final = "INTERVAL 5 SECOND"
PLACES: Final = pa.schema([("name", pa.string()), ("path", pa.string())])
AT_ONCE: Final = 500
USED: Final = """
    CASE
        WHEN lower(service_tier) = 'batch' AND ended_at IS NOT NULL THEN ended_at
        ELSE started_at
    END AT TIME ZONE 'UTC'
"""
ROW: Final = """
    source, batch, object_no, record_no, request_id, content_hash, started_at, length(attributes)
"""
# Rows of a file from its first to its last object of a batch, by the days of their start and use.
# Hashes are sums, so that files that a compaction merged add up to what they were.
GROUPS: Final = f"""
    WITH dated AS (
        SELECT
            *,
            started_at AT TIME ZONE 'UTC' AS started,
            {USED} AS used,
            {hash_of_row(ROW)} AS row_hash
        FROM {{rows}}
    )
    SELECT
        file,
        source,
        CAST(started AS DATE) AS start_day,
        CAST(used AS DATE) AS usage_date,
        batch,
        CASE WHEN request_key LIKE 'litellm:batch:%' THEN request_key END AS batch_key,
        provider,
        model_requested,
        model_routed,
        model_served,
        model_mapped,
        min(object_no) AS first_object,
        max(object_no) AS last_object,
        min(evidence_rank) AS lowest_rank,
        max(evidence_rank) AS highest_rank,
        min(started_at) AS started_from,
        max(started_at) AS started_until,
        max(coalesce(ended_at, started_at)) AS ended_until,
        count(*) AS rows,
        sum(row_hash) AS rows_hash,
        sum(row_hash) FILTER (WHERE started < date_trunc('day', started) + {EDGE}) AS first_hash,
        sum(row_hash) FILTER (WHERE started >= date_trunc('day', started) + INTERVAL 1 DAY - {EDGE})
            AS last_hash
    FROM dated
    GROUP BY ALL
"""
# What is kept of them: table -> its rows from `groups`.
KEPT: Final[Mapping[str, str]] = {
    "request_days": """
        SELECT
            file, source, start_day, usage_date, batch, batch_key,
            min(first_object) AS first_object, max(last_object) AS last_object,
            min(lowest_rank) AS lowest_rank, max(highest_rank) AS highest_rank,
            max(started_until) AS started_until,
            CAST(sum(rows) AS BIGINT) AS rows,
            sum(rows_hash) AS rows_hash, sum(first_hash) AS first_hash, sum(last_hash) AS last_hash
        FROM groups
        GROUP BY ALL
    """,
    "request_models": """
        SELECT
            file, provider, min(started_from) AS started_from, max(ended_until) AS ended_until,
            [model_requested, model_routed, model_served, model_mapped] AS names
        FROM groups
        GROUP BY ALL
    """,
}
# What is kept of the rows themselves.
OF_ROWS: Final[Mapping[str, str]] = {
    # who and what a request names, and some CSV may know
    "request_names": """
        SELECT DISTINCT
            file, source, gateway_key_id, gateway_key_alias, credential_hint, sub_account_hint,
            deployment_id
        FROM {rows}
    """,
    # a record of several calls counts once
    "request_objects": f"""
        SELECT
            file, source, batch, object_no, CAST({USED} AS DATE) AS usage_date,
            count(DISTINCT record_no) AS records
        FROM {{rows}}
        GROUP BY ALL
    """,
    # where its owners may stand
    "request_places": PLACES_OF_OWNERS,
}
# Where the files lie, whether they have the columns of this release and no other, and of which days
# of start it is decided which records stand.
OTHERS: Final[Mapping[str, str]] = {
    "files": "name VARCHAR, path VARCHAR, has_columns BOOLEAN",
    "decided_days": "source VARCHAR, start_day DATE, start_hash VARCHAR",
}
SEEN_TABLES: Final = (*KEPT, *OF_ROWS)
VERSION: Final = hashlib.sha256(repr((GROUPS, KEPT, OF_ROWS, OTHERS)).encode()).hexdigest()


def keep_up(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: pa.Schema
) -> None:
    """Schema `seen` says what `files` hold, and of no other; those that are new are read."""
    _prepare(connection, columns)
    here = {_name(file): file for file in files}
    known = {name for [name] in connection.execute("SELECT name FROM seen.files").fetchall()}
    for gone in _chunks(sorted(known - here.keys())):
        for table in SEEN_TABLES:
            connection.execute(f"DELETE FROM seen.{table} WHERE list_contains(?, file)", [gone])
        connection.execute("DELETE FROM seen.files WHERE list_contains(?, name)", [gone])
    for new in _chunks(sorted(here.keys() - known)):
        _read(connection, {name: here[name] for name in new}, columns)
    _place(connection, here)


def all_rows(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL of a relation of all that landed, NULL where a file of an earlier release has no column.

    To compare the columns of all files each is opened for every query; of those that have the same,
    the first stands for the others, in how many rows it has, too: one of middling size is first.
    """
    files = connection.execute(
        "WITH sizes AS (SELECT file, sum(rows) AS rows FROM seen.request_days GROUP BY file)"
        " SELECT files.path, files.has_columns FROM seen.files AS files"
        " LEFT JOIN sizes ON files.name = sizes.file"
        " ORDER BY abs(sizes.rows - avg(sizes.rows) OVER ()) NULLS LAST, files.name"
    ).fetchall()
    same = [Path(path) for path, has_columns in files if has_columns]
    others = [Path(path) for path, has_columns in files if not has_columns]
    read = [
        f"SELECT * FROM read_parquet({file_list(paths)}{option})"
        for paths, option in ((same, ""), (others, ", union_by_name = true"))
        if paths
    ]
    return f"({' UNION ALL BY NAME '.join(['SELECT * FROM seen.columns', *read])})"


def take_in(connection: duckdb.DuckDBPyConnection, relation: str, columns: pa.Schema) -> None:
    """The same of the rows of a relation, which lie in no file."""
    keep_up(connection, [], columns)
    _keep(connection, f"(SELECT *, '' AS file FROM {relation})")
    connection.execute("INSERT INTO seen.files VALUES ('', '', false)")


def _place(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path]) -> None:
    """Where the files lie now: a workspace may have moved."""
    rows = {"name": list(files), "path": [str(path) for path in files.values()]}
    connection.register("places", pa.table(rows, schema=PLACES))
    connection.execute(
        "UPDATE seen.files SET path = places.path FROM places"
        " WHERE files.name = places.name AND files.path <> places.path"
    )
    connection.unregister("places")


def _read(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path], columns: pa.Schema
) -> None:
    places = {"name": list(files), "path": [str(path) for path in files.values()]}
    connection.register("new_files", pa.table(places, schema=PLACES))
    _keep(
        connection,
        "(SELECT landed.*, new_files.name AS file FROM"
        " (SELECT * FROM seen.columns UNION ALL BY NAME SELECT * FROM"
        f" read_parquet({file_list(files.values())}, union_by_name = true, filename = 'path'))"
        " AS landed JOIN new_files ON landed.path = new_files.path)",
    )
    connection.execute(
        "INSERT INTO seen.files"
        " SELECT new_files.name, new_files.path, list_sort(list(columns.name)) = ?"
        f" FROM new_files JOIN parquet_schema({file_list(files.values())}) AS columns"
        " ON new_files.path = columns.file_name AND columns.num_children IS NULL"
        " GROUP BY ALL",
        [sorted(columns.names)],
    )
    connection.unregister("new_files")


def _keep(connection: duckdb.DuckDBPyConnection, rows: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE groups AS {GROUPS.format(rows=rows)}")
    for table, kept in KEPT.items():
        connection.execute(f"INSERT INTO seen.{table} {kept.replace('groups', 'temp.groups')}")
    connection.execute("DROP TABLE temp.groups")
    for table, kept in OF_ROWS.items():
        connection.execute(f"INSERT INTO seen.{table} {kept.format(rows=rows)}")


def _prepare(connection: duckdb.DuckDBPyConnection, columns: pa.Schema) -> None:
    """Schema `seen` as this release has it: of another one all files are read anew."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS seen")
    connection.execute("CREATE TABLE IF NOT EXISTS seen.version (version VARCHAR)")
    version = hashlib.sha256((VERSION + str(columns)).encode()).hexdigest()
    if connection.execute("SELECT version FROM seen.version").fetchall() == [(version,)]:
        return
    connection.execute("DROP SCHEMA seen CASCADE")
    connection.execute("CREATE SCHEMA seen")
    connection.register("no_rows", columns.empty_table())
    connection.execute("CREATE TABLE seen.columns AS SELECT * FROM no_rows")
    connection.unregister("no_rows")
    for table, said in OTHERS.items():
        connection.execute(f"CREATE TABLE seen.{table} ({said})")
    rows = "(SELECT *, '' AS file FROM seen.columns)"
    empty = GROUPS.format(rows=rows)
    for table, kept in KEPT.items():
        connection.execute(f"CREATE TABLE seen.{table} AS WITH groups AS ({empty}) {kept} LIMIT 0")
    for table, kept in OF_ROWS.items():
        connection.execute(f"CREATE TABLE seen.{table} AS {kept.format(rows=rows)} LIMIT 0")
    connection.execute("CREATE TABLE seen.version AS SELECT ? AS version", [version])


def _name(file: Path) -> str:
    """As the landing calls it, wherever that lies: its last part says number and content."""
    return "/".join(file.parts[-4:])


def _chunks(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), AT_ONCE):
        yield list(names[start : start + AT_ONCE])
