"""dbt at the keyboard, on a copy: `python -m orchestration.dbt.by_hand`, then dbt's own commands.

The copy is what profiles.yml opens where TOLLBOOK_WAREHOUSE says nothing. Beside it stand the
variables that a run hands over; without them models are written for a workspace without rules.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Final

import duckdb

from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from orchestration.dbt.invocation import dbt_vars
from orchestration.dbt.written_for import written_for
from orchestration.running.working_folder import REPOSITORY, requests_folder

# profiles.yml has the same
FOLDER: Final = Path("by_hand")
WAREHOUSE: Final = "warehouse.duckdb"
REQUESTS: Final = "marts.requests"
VARS: Final = "vars.json"


def copy_for_dbt(workspace: Workspace, folder: Path) -> None:
    """The workspace's warehouse as the last run left it, its day files and its variables."""
    if workspace.warehouse.name != WAREHOUSE:
        # views in it name the database, which is called as the file
        raise WorkspaceError(f"{workspace.warehouse}: must be called {WAREHOUSE} to be copied")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        # while it is open here no run can begin to write
        with duckdb.connect(workspace.warehouse, read_only=True):
            shutil.copyfile(workspace.warehouse, folder / WAREHOUSE)
            _copy_day_files(requests_folder(workspace.marts), folder / REQUESTS)
    except duckdb.Error as error:
        raise WorkspaceError(f"{workspace.warehouse}: cannot be copied: {error}") from error
    variables = dbt_vars(workspace) | written_for(folder / WAREHOUSE)
    (folder / VARS).write_text(json.dumps(variables, indent=1, default=str), encoding="utf-8")


def _copy_day_files(source: Path, target: Path) -> None:
    """Under another name where that can be: no file of a day is ever written into."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for file in source.rglob("*.parquet"):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.hardlink_to(file.resolve())
        except OSError:
            # on another disk
            shutil.copyfile(file, copy)


def main() -> None:
    parser = argparse.ArgumentParser(description="Copies a workspace's warehouse for dbt by hand.")
    parser.add_argument("--workspace", type=Path, default=REPOSITORY / "data" / "sample")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    try:
        copy_for_dbt(load_workspace(arguments.workspace), arguments.folder)
    except WorkspaceError as error:
        sys.exit(str(error))
    print(f"{arguments.folder / WAREHOUSE} and {VARS} beside it: docs/dbt.md has what to type next")


if __name__ == "__main__":
    main()
