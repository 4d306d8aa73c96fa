"""What a run's process leaves out of others' packages comes where it is asked for."""

import subprocess
import sys

PREPARED = """
import sys
from orchestration.run_process import prepare_run
prepare_run()
"""
A_RUN = """
import dagster as dg
import orchestration.execution
from orchestration.running.dagster_insides import passing_instance
@dg.asset
def made() -> None: ...
job = dg.Definitions([made]).resolve_implicit_global_asset_job_def()
with passing_instance() as instance:
    result = job.execute_in_process(instance=instance)
print(result.success, len(result.all_events))
from dbt.cli.main import dbtRunner
print(sorted({"sqlalchemy", "alembic", "sqlglot.dialects", "structlog", "pandas"} & {*sys.modules}))
"""
ASKED = """
from dagster_dbt import DbtCliResource, dbt_assets
from dagster_dbt.asset_decorator import dbt_assets as same
print(DbtCliResource.__name__, dbt_assets is same)
from dagster_dbt.core import dbt_cli_event
print(dbt_cli_event.parse_one("select 1 as one").sql())
print(dbt_cli_event.exp.to_column("a.b").name)
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import SemanticManifest
print(SemanticManifest(Manifest()).validate())
import logging
logging.disable(logging.CRITICAL)
with dg.DagsterInstance.ephemeral() as instance:
    result = job.execute_in_process(instance=instance)
    print(len(instance.all_logs(result.run_id)) > 5)
from dagster._core.storage.runs import RunStorage, SqlRunStorage
print(issubclass(SqlRunStorage, RunStorage), isinstance(instance.run_storage, SqlRunStorage))
from dagster._daemon import DagsterDaemonController
print(DagsterDaemonController.__module__)
import sqlalchemy
print(sqlalchemy.create_engine("sqlite://").name)
"""


def _told(*parts: str) -> list[str]:
    code = "\n".join([PREPARED, *parts])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


def test_a_run_imports_no_database_no_daemon_and_no_parser_of_sql() -> None:
    success, left = _told(A_RUN)
    assert success.startswith("True ")
    assert left == "[]"


THRESHOLDS = """
import gc
from ingestion.process_setup import OBJECTS_OF_A_RUN, collect_rarely, reading
print(gc.get_threshold()[0] == OBJECTS_OF_A_RUN)
with reading():
    print(gc.get_threshold()[0] == OBJECTS_OF_A_RUN)
collect_rarely()
print(gc.get_threshold()[0] == OBJECTS_OF_A_RUN)
"""


def test_a_run_that_reads_collects_no_more_often_than_before() -> None:
    assert _told(THRESHOLDS) == ["True"] * 3


def test_who_asks_for_what_was_left_out_gets_it() -> None:
    assert _told(A_RUN, ASKED)[2:] == [
        "DbtCliResource True",
        "SELECT 1 AS one",
        "b",
        "True",
        "True",
        "True True",
        "dagster._daemon.controller",
        "sqlite",
    ]
