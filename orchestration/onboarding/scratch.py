"""What a run would make of what was scanned: the models of a run, on a warehouse of the scan's own.

No SQL beside them could say what matching, prices and rules make of a request. Nothing of the
workspace is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from ingestion.workspace.settings import WorkspaceError
from orchestration.assets.warehouse import fill_landing
from orchestration.dbt.failures import failure_sentences
from orchestration.dbt.invocation import build_folder, dbt_manifest, invoke_dbt
from orchestration.onboarding.scan import Scan
from orchestration.running.memory import duckdb_config
from orchestration.warehouse.landing_schema import open_warehouse


@contextmanager
def built(scan: Scan, models: Sequence[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, to read: schema `landing`, these models and all that they read, untested.

    Raises WorkspaceError where a model cannot be built.
    """
    scratch = scan.workspace
    with open_warehouse(scratch.warehouse, duckdb_config(scratch)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        fill_landing(connection, scratch, store=False)
    selected = [word for model in models for word in ("--select", f"+{model}")]
    command = ["--no-write-json", "run", *selected]
    result = invoke_dbt(scratch, build_folder(scratch), command, _unheard, dbt_manifest(scratch))
    if not result.success:
        told = "; ".join(failure_sentences(result))
        raise WorkspaceError(f"what logs and bills say cannot be built: {told}")
    with duckdb.connect(scratch.warehouse, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def _unheard(event: Mapping[str, Any]) -> None: ...
