"""`tollbook run --dry-run`: what prices and contracts of now make of the requests that have landed.

The same assets as a run's, on a copy of the warehouse in a temporary folder; the workspace itself
is only read.
"""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dagster as dg
import duckdb

from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.asset_keys import RESTATEMENTS
from orchestration.assets.warehouse import reference_asset, warehouse_assets
from orchestration.dbt.assets import build_assets
from orchestration.dbt.invocation import read_manifest
from orchestration.dbt.translation import with_checks
from orchestration.execution import execute_job
from orchestration.running.lock import stand_still
from orchestration.running.progress import progress_logger
from orchestration.running.run_lock import RunLock
from orchestration.running.working_folder import WORKING, lock_file
from orchestration.summary.price_restatements import repriced_text, told_restatements

DRY_RUN: Final = "dry_run"
# What a copy of the workspace needs of `.tollbook`: how sources were read, and what S3 mirrored.
SOURCES: Final = "sources"
MIRROR: Final = "landing"


def dry_run(
    workspace: Workspace, say: Callable[[str], object], *, verbose: bool = False
) -> tuple[str, list[str]]:
    """What would be repriced as lines, empty if nothing; and what went wrong, one sentence each."""
    told = told_restatements(workspace)
    with _copied(workspace, say) as copy:
        problems = execute_job(
            copy, DRY_RUN, verbose=verbose, definitions=dry_run_definitions, recorded=False
        ).problems
        if problems:
            return "", problems
        with duckdb.connect(copy.warehouse, read_only=True) as connection:
            return repriced_text(connection, told), []


def dry_run_definitions(workspace: Workspace) -> dg.Definitions:
    """From the reference data to the restatements, without checks; nothing is read or published."""
    built = build_assets(workspace, with_checks(read_manifest(workspace)))
    warehouse = warehouse_assets(workspace, upkeep=False)
    # the tables of the warehouse are made together
    selection = dg.AssetSelection.assets(RESTATEMENTS).upstream() | dg.AssetSelection.assets(
        warehouse
    )
    return dg.Definitions(
        assets=[reference_asset(workspace), warehouse, built],
        jobs=[dg.define_asset_job(DRY_RUN, selection=selection.without_checks())],
        resources={"run_lock": RunLock(path=str(lock_file(workspace.warehouse)))},
        executor=dg.in_process_executor,
        loggers={"console": progress_logger},
    )


@contextmanager
def _copied(workspace: Workspace, say: Callable[[str], object]) -> Iterator[Workspace]:
    """The workspace with a warehouse and a working folder of its own, until the end."""
    with tempfile.TemporaryDirectory(prefix="tollbook-") as name:
        folder = Path(name)
        copy = dataclasses.replace(
            workspace,
            file=folder / workspace.file.name,
            warehouse=folder / workspace.warehouse.name,
        )
        with stand_still(lock_file(workspace.warehouse), say):
            _copy_warehouse(workspace.warehouse, copy.warehouse)
        _copy_working_folder(workspace.file.parent / WORKING, folder / WORKING)
        yield copy


def _copy_warehouse(warehouse: Path, target: Path) -> None:
    if not warehouse.is_file():
        # what is published is compared with what a run would build anew
        return
    try:
        # refused while another program may be writing; also tells whether it is a warehouse
        with duckdb.connect(warehouse, read_only=True):
            for ending in ("", ".wal"):
                source = warehouse.with_name(warehouse.name + ending)
                if source.is_file():
                    shutil.copyfile(source, target.with_name(target.name + ending))
    except duckdb.Error as error:
        raise WorkspaceError(
            f"{warehouse}: cannot be read ({error}): close the program that has it open, or let"
            " `tollbook run` build it anew"
        ) from error
    except OSError as error:
        raise WorkspaceError(
            f"{warehouse}: cannot be copied to {target.parent} ({error.strerror}): a dry run works"
            " on a copy; TMPDIR names another folder for it"
        ) from error


def _copy_working_folder(source: Path, target: Path) -> None:
    if (source / SOURCES).is_dir():
        shutil.copytree(source / SOURCES, target / SOURCES)
    if (source / MIRROR).is_dir():
        # files there are replaced and removed, never written into
        shutil.copytree(source / MIRROR, target / MIRROR, copy_function=os.symlink)
