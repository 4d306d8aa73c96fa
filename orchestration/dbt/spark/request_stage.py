"""The request stage of a run on Spark: landed requests to day files and cells, by the same models.

DuckDB makes what is small and decides which days changed. What Spark makes of these is put where
DuckDB would have written it, and they are noted as built: the build that follows finds none.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.dbt.failures import failure_sentences
from orchestration.dbt.insides import invoke
from orchestration.dbt.invocation import (
    PROJECT,
    TEMPLATES,
    build_folder,
    dbt_manifest,
    dbt_vars,
    invoke_dbt,
)
from orchestration.dbt.spark.exchange import (
    CHANGED,
    VARIABLE,
    close_schemas,
    hand_over,
    open_schemas,
    relations,
    schema_prefix,
    take_rows,
    write_days,
    write_rows,
    written_days,
)
from orchestration.dbt.spark.parts import IN_HAND, Part, Relation, stage
from orchestration.dbt.spark.session import open_session
from orchestration.dbt.written_for import written_for
from orchestration.running.memory import duckdb_config
from orchestration.running.working_folder import cache_folder, requests_folder, working_folder
from orchestration.warehouse.built_days import LAST, note_built_days
from orchestration.warehouse.landing_schema import open_warehouse
from orchestration.warehouse.parquet_days import day_file, put_file

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Of what Spark says of an error: it goes on with its plan.
TOLD: Final = 300
# Of the folder of day files: what Spark is writing.
SCRATCH: Final = ".spark"
DAYS: Final = f"SELECT usage_date, day_hash FROM {CHANGED}"
Say = Callable[[str], object]
# Rows that are given up before those of Spark come: macros/building/days_in_hand.sql does the same.
NOT_KEPT: Final = f"""
    usage_date IN (SELECT usage_date FROM {CHANGED})
    OR usage_date NOT IN (SELECT usage_date FROM intermediate.int_day_inputs)
"""


def build_on_spark(workspace: Workspace, manifest: Mapping[str, Any], say: Say) -> None:
    """All days that changed, where there are any; raises WorkspaceError."""
    made = stage(manifest)
    if refusal := refused(written_for(workspace.warehouse)):
        raise WorkspaceError(refusal)
    _on_duckdb(workspace, [f"+{IN_HAND}", *_before(manifest, made)])
    if days := _ask(workspace, f"SELECT count(*) FROM {CHANGED}"):
        say(f"on Spark: requests of {days} days")
        _make_days(workspace, open_session(workspace), made, manifest)


def refused(written: Mapping[str, Any]) -> str | None:
    """What of a workspace Spark's models cannot do, in one sentence."""
    take = "take `spark` out of tollbook.yaml"
    if written.get("has_contexts"):
        what = "what traces say around a call is put together by DuckDB alone"
        return f"spark: {what}: {take}, or the entries of traces"
    if (sources := written.get("request_sources", 1)) > 1:
        what = f"calls that several of {sources} sources may log are paired by DuckDB alone"
        return f"spark: {what}: {take}, or give each of them a workspace of its own"
    return None


def _before(manifest: Mapping[str, Any], part: Part) -> list[str]:
    """dbt's selection of the models that `part` reads."""
    models = {node["name"] for node in manifest["nodes"].values()}
    return [f"+{name}" for _, name in part.inputs if name in models]


def _on_duckdb(workspace: Workspace, selection: Sequence[str]) -> None:
    result = invoke_dbt(
        workspace,
        build_folder(workspace),
        ["--no-write-json", "run", "--select", *selection],
        lambda _: None,
        dbt_manifest(workspace),
    )
    _refuse_failure(result)


def _refuse_failure(result: Any) -> None:
    if result is None or not result.success:
        raise WorkspaceError("\n".join(failure_sentences(result)))


def _ask(workspace: Workspace, question: str) -> int:
    with duckdb.connect(workspace.warehouse, read_only=True) as connection:
        [(count,)] = connection.execute(question).fetchall()
    return int(count)


def _make_days(
    workspace: Workspace, session: "SparkSession", part: Part, manifest: Mapping[str, Any]
) -> None:
    requests = requests_folder(workspace.marts)
    written = requests / SCRATCH
    with _built(workspace, session, part) as (prefix, folder):
        _write_all(session, relations(part.made, published=False), prefix, folder)
        for schema, name in relations(part.made, published=True):
            columns = manifest["nodes"][f"model.tollbook.{name}"]["columns"]
            write_days(session, f"{prefix}_{schema}.{name}", columns, written / name)
        with open_warehouse(workspace.warehouse, duckdb_config(workspace)) as connection:
            days = dict(connection.execute(DAYS).fetchall())
            for _, name in relations(part.made, published=True):
                for day, file in written_days(written / name):
                    put_file(file, day_file(requests, name, day, days[day]))
            connection.execute("BEGIN")
            for relation in relations(part.made, published=False):
                take_rows(connection, relation, folder / relation[1], NOT_KEPT)
            connection.execute(f"CREATE OR REPLACE TABLE intermediate.{LAST} AS {CHANGED}")
            connection.execute("COMMIT")
            note_built_days(connection, requests)
    shutil.rmtree(written)


def _write_all(
    session: "SparkSession", made: Sequence[Relation], prefix: str, folder: Path
) -> None:
    for schema, name in made:
        write_rows(session, f"{prefix}_{schema}.{name}", folder / name)


@contextmanager
def _built(workspace: Workspace, session: "SparkSession", part: Part) -> Iterator[tuple[str, Path]]:
    """The first word of the schemas with the tables of `part`, and a folder for what is made."""
    from pyspark.errors import PySparkException

    prefix, folder = schema_prefix(workspace), working_folder(workspace, "spark", "handed")
    os.environ[VARIABLE] = prefix
    shutil.rmtree(folder)
    try:
        open_schemas(session, prefix, folder / "tables")
        hand_over(workspace, session, part, folder / "inputs")
        _on_spark(workspace, part)
        yield prefix, folder / "made"
        close_schemas(session, prefix)
    except PySparkException as error:
        raise WorkspaceError(f"Spark: {' '.join(str(error).split())[:TOLD]}") from error
    shutil.rmtree(folder, ignore_errors=True)


def _on_spark(workspace: Workspace, part: Part) -> None:
    target = working_folder(workspace, "spark", "dbt")
    variables = dbt_vars(workspace) | written_for(workspace.warehouse)
    arguments = [
        *("--log-level", "none", "--log-level-file", "none", "--log-path", str(target / "logs")),
        *("--no-write-json", "run", "--target", "spark", "--select", *part.models),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--vars", json.dumps(variables)),
    ]
    templates = cache_folder(workspace, *TEMPLATES)
    _refuse_failure(invoke(arguments, lambda _: None, None, templates))
