"""What Tollbook keeps for itself: `<workspace>/.tollbook`, a user's cache for all workspaces, and
what is made where it is installed.

All of it can be deleted any time.
"""

import os
import sys
from pathlib import Path
from typing import Final

from ingestion.workspace.locations import VARIABLE
from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace

REPOSITORY: Final = Path(__file__).resolve().parents[2]
WORKING: Final = ".tollbook"


def workspace_from_environment() -> Workspace:
    """The workspace that TOLLBOOK_WORKSPACE names, else the committed sample."""
    return load_workspace(Path(os.environ.get(VARIABLE) or sample_workspace()))


def sample_workspace() -> Path:
    """The sample of the repository, or the copy of it that an installed package carries."""
    packaged = REPOSITORY / "orchestration" / "sample"
    return packaged if packaged.is_dir() else REPOSITORY / "data" / "sample"


def working_folder(workspace: Workspace, *parts: str) -> Path:
    """An existing, writable folder below `.tollbook`; raises WorkspaceError where it cannot be."""
    home = workspace.file.parent
    folder = home.joinpath(WORKING, *parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{home}: cannot write here ({error.strerror}): a run keeps its state in"
            f" {folder}: make the folder writable or copy the workspace"
        ) from error
    if not os.access(folder, os.W_OK):
        raise WorkspaceError(f"{folder}: is not writable: make it so or copy the workspace")
    return folder


def cache_folder(workspace: Workspace, *parts: str) -> Path:
    """A folder that all workspaces of a user share; of the workspace where there can be none."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home, "tollbook", *parts)
        # what lies there is executed: nobody else may write it
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            return folder
    except (OSError, RuntimeError):
        # read-only, or a user without a home
        pass
    return working_folder(workspace, *parts)


def installed_folder(*parts: str) -> Path:
    """A folder beside the packages that this Python runs: who writes there may write these, too."""
    return Path(sys.prefix, "share", "tollbook", *parts)


def requests_folder(marts: Path) -> Path:
    """Where the marts' Parquet lies: `marts.duckdb` -> `marts.requests`."""
    return marts.with_name(f"{marts.stem}.requests")


def lock_file(warehouse: Path) -> Path:
    """The file whose OS lock a run holds from plan to publish."""
    return warehouse.with_name(f"{warehouse.name}.lock")
