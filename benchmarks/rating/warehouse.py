"""A warehouse file with the project's own tables, full of requests that only wait to be rated."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.rating.traffic import FIRST_DAY, MODELS, write_requests
from tests.pipeline.compiled_project import CompiledProject
from tests.rating.rated_requests import land, parents_of, reference, request

METERED = "int_request_meters"


@contextmanager
def opened(file: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file under the name that the compiled SQL has for it; nothing of it is in memory yet."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        mode = " (read_only)" if read_only else ""
        connection.execute(f"attach '{file}' as warehouse{mode}")
        connection.execute("use warehouse")
        yield connection


def build(project: CompiledProject, file: Path, count: int, seed: int) -> None:
    """Makes `file`: the real price book, dated by the real SQL, and `count` requests."""
    first = datetime.fromisoformat(FIRST_DAY).replace(tzinfo=UTC)
    one_each = [request(model.name, model.provider, model.name, first) for model in MODELS]
    with opened(file) as connection:
        land(connection, one_each, reference(file.parent, {}))
        project.build(connection, only=parents_of(project, METERED) - {METERED})
        _expect_known_models(connection)
        for emptied in ("int_requests", "int_day_inputs"):
            connection.execute(f"delete from intermediate.{emptied}")
        write_requests(connection, count, seed)
        connection.execute("checkpoint")


def metered_sql(project: CompiledProject) -> str:
    """What a fresh run selects into `int_request_meters`."""
    return next(model.sql for model in project.models if model.name == METERED)


def write_rows(connection: duckdb.DuckDBPyConnection, project: CompiledProject) -> int:
    """Every request's meters with their costs as a table, on disk; how many rows."""
    relation = f"intermediate.{METERED}"
    connection.execute(f"create or replace table {relation} as {metered_sql(project)}")
    connection.execute("checkpoint")
    [(rows,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(rows)


def _expect_known_models(connection: duckdb.DuckDBPyConnection) -> None:
    named = connection.execute(
        "select request_id, model from intermediate.int_requests where model <> request_id"
    ).fetchall()
    if named:
        raise ValueError(
            f"benchmarks/rating/traffic.py: not a canonical name: {named}: use the second"
        )
