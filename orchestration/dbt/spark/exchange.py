"""Tables to Spark and back, as Parquet in a folder that cluster and run see under one path."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from ingestion.contracts import TABLES
from ingestion.workspace.settings import Workspace
from orchestration.dbt.spark.parts import IN_HAND, Part, Relation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# The names of the schemas of dbt's target begin with it: profiles.yml.
VARIABLE: Final = "TOLLBOOK_SPARK_SCHEMA"
SCHEMAS: Final = ("landing", "seen", "built", "staging", "intermediate", "main")
# dbt's types of the columns that are published, as Spark calls them where it has another word.
TYPES: Final = {"varchar": "string", "timestamp": "timestamp_ntz", "hugeint": "decimal(38,0)"}
# Days that are not built as they are now, oldest and newest alike: a cluster takes them at once.
CHANGED: Final = """
    (SELECT usage_date, day_hash FROM intermediate.int_day_inputs
    ANTI JOIN built.built_days USING (usage_date, day_hash))
"""
CONTEXTS: Final = "int_request_contexts"
# What is handed over in place of a relation of that name.
INSTEAD: Final = {
    IN_HAND: CHANGED,
    "published_request_meters": f"""
        (SELECT * FROM landing.published_request_meters
        WHERE usage_date IN (SELECT usage_date FROM {CHANGED}))
    """,
    # which is of the days in hand, as they are, and has no row where no trace has landed
    CONTEXTS: f"shapes.{CONTEXTS}",
}


def schema_prefix(workspace: Workspace) -> str:
    """Two workspaces may use one cluster at the same time."""
    return "tollbook_" + hashlib.sha256(str(workspace.warehouse).encode()).hexdigest()[:12]


def open_schemas(session: "SparkSession", prefix: str, place: Path) -> None:
    """Empty, as the models make whole tables of the days in hand; their files lie in `place`."""
    close_schemas(session, prefix)
    for schema in SCHEMAS:
        location = (place / schema).as_uri()
        session.sql(f"CREATE DATABASE {prefix}_{schema} LOCATION '{location}'")


def close_schemas(session: "SparkSession", prefix: str) -> None:
    for schema in SCHEMAS:
        session.sql(f"DROP DATABASE IF EXISTS {prefix}_{schema} CASCADE")


def hand_over(workspace: Workspace, session: "SparkSession", part: Part, folder: Path) -> None:
    """What the models of `part` read. Landed files they open themselves, where these lie."""
    prefix = schema_prefix(workspace)
    with duckdb.connect(workspace.warehouse, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for schema, name in part.inputs:
            place = folder / f"{schema}.{name}"
            _write(connection, INSTEAD.get(name, f'"{schema}"."{name}"'), place)
            session.sql(
                f"CREATE TABLE {prefix}_{schema}.{name} USING parquet LOCATION '{place.as_uri()}'"
            )
    columns = ", ".join(f"`{field.name}` {_type(field.type)}" for field in TABLES["requests"])
    session.sql(f"CREATE TABLE {prefix}_landing.{part.landed} ({columns}) USING parquet")


def _write(connection: duckdb.DuckDBPyConnection, relation: str, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    columns = connection.execute(f"DESCRIBE FROM {relation}").fetchall()
    # DuckDB writes HUGEINT to Parquet as DOUBLE
    huge = ", ".join(
        f'CAST("{column}" AS DECIMAL(38, 0)) AS "{column}"'
        for column, kind, *_ in columns
        if kind == "HUGEINT"
    )
    replaced = f" REPLACE ({huge})" if huge else ""
    target = str(place / "part.parquet").replace("'", "''")
    connection.execute(f"COPY (SELECT *{replaced} FROM {relation}) TO '{target}' (FORMAT parquet)")


def _type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP_LTZ" if kind.tz else "TIMESTAMP_NTZ"
    return {
        pa.string(): "STRING",
        pa.bool_(): "BOOLEAN",
        pa.int16(): "SMALLINT",
        pa.int32(): "INT",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.date32(): "DATE",
    }[kind]


def write_rows(session: "SparkSession", table: str, place: Path) -> None:
    session.table(table).write.mode("overwrite").parquet(place.as_uri())


def write_days(
    session: "SparkSession", table: str, columns: Mapping[str, Mapping[str, Any]], place: Path
) -> None:
    """A file a day, in a folder `day=…`; `columns` with their types as the YAML has them."""
    from pyspark.sql import functions

    rows: DataFrame = session.table(table)
    typed = [
        functions.col(name).cast(TYPES.get(kind, kind)).alias(name)
        for name, kind in ((name, columns[name]["data_type"].lower()) for name in rows.columns)
    ]
    days = rows.select(*typed).withColumn("day", functions.col("usage_date"))
    days.repartition("day").write.mode("overwrite").option("compression", "zstd").partitionBy(
        "day"
    ).parquet(place.as_uri())


def take_rows(
    connection: duckdb.DuckDBPyConnection, relation: Relation, place: Path, stale: str
) -> None:
    """Rows of Spark in place of those that are `stale`."""
    table = ".".join(relation)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {relation[0]}")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM '{place}/*.parquet' LIMIT 0")
    columns = connection.execute(f"DESCRIBE {table}").fetchall()
    cast = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind, *_ in columns)
    connection.execute(f"DELETE FROM {table} AS kept WHERE {stale}")
    connection.execute(f"INSERT INTO {table} BY NAME SELECT {cast} FROM '{place}/*.parquet'")


def written_days(place: Path) -> Iterator[tuple[date, Path]]:
    """Each day and its file."""
    for folder in sorted(place.glob("day=*")):
        [file] = folder.glob("*.parquet")
        yield date.fromisoformat(folder.name.removeprefix("day=")), file


def relations(made: Iterable[Relation], *, published: bool) -> list[Relation]:
    return [relation for relation in made if (relation[0] == "main") is published]
