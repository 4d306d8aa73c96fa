"""Two workspaces of the same sources, one run by DuckDB, the other by Spark: row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.workspace.settings import load_workspace
from orchestration.dbt.invocation import read_manifest
from orchestration.dbt.spark.parts import stage


@dataclass(frozen=True, slots=True)
class Compared:
    """`only_one`: rows that one of the two alone has, of either."""

    name: str
    rows: int
    only_one: int
    types_differ: str = ""

    @property
    def equal(self) -> bool:
        return not self.only_one and not self.types_differ

    def __str__(self) -> str:
        return f"{self.name:<22} {self.rows:>10,} rows, {self.only_one:,} differ{self.types_differ}"


def compare_tables(by_duckdb: Path, by_spark: Path) -> Iterator[Compared]:
    """Everything that the request stage makes: aggregates by day, and the day files."""
    one, other = load_workspace(by_duckdb), load_workspace(by_spark)
    made = stage(read_manifest(one)).made
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH '{one.warehouse}' AS one (READ_ONLY)")
        connection.execute(f"ATTACH '{other.warehouse}' AS other (READ_ONLY)")
        for schema, name in made:
            yield _compare(connection, f"{schema}.{name}")


def _compare(connection: duckdb.DuckDBPyConnection, relation: str) -> Compared:
    one, other = (_columns(connection, f"{side}.{relation}") for side in ("one", "other"))
    name = relation.split(".")[1]
    differ = sorted(set(one.items()) ^ set(other.items()))
    if differ:
        [(rows,)] = connection.execute(f"SELECT count(*) FROM one.{relation}").fetchall()
        columns = sorted({column for column, _ in differ})
        return Compared(name, rows, rows, f", other columns or types: {', '.join(columns)}")
    columns_of_one = ", ".join(f'"{column}"' for column in one)
    [(rows, only_one)] = connection.execute(
        f"""
        WITH
        one AS (SELECT {columns_of_one} FROM one.{relation}),
        other AS (SELECT {columns_of_one} FROM other.{relation})
        SELECT
            (SELECT count(*) FROM one),
            (SELECT count(*) FROM (FROM one EXCEPT ALL FROM other))
            + (SELECT count(*) FROM (FROM other EXCEPT ALL FROM one))
        """
    ).fetchall()
    return Compared(name, rows, only_one)


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    found = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {relation})")
    return dict(found.fetchall())


def compare_exports(by_duckdb: Path, by_spark: Path) -> Compared:
    """Every file that leaves, byte for byte."""
    one, other = (_files(load_workspace(folder).exports) for folder in (by_duckdb, by_spark))
    differ = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    return Compared("files of exports", len(one), len(differ))


def _files(exports: str) -> dict[str, bytes]:
    folder = Path(exports)
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }
