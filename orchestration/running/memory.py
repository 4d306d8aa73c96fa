"""Memory of a run: what DuckDB may use, where it spills the rest, and the most that was used."""

import os
import resource
import shutil
from collections.abc import Mapping
from typing import Final

from ingestion.workspace.sections.memory import memory_bytes, usable_memory
from ingestion.workspace.settings import Workspace
from orchestration.running.working_folder import working_folder

SPILL: Final = "spill"


def duckdb_config(workspace: Workspace) -> dict[str, str]:
    """What every connection that works on the warehouse is opened with."""
    limit = memory_bytes(workspace.memory_limit, usable_memory())
    return {
        "memory_limit": f"{(limit or 0) // 2**20}MiB",
        "temp_directory": str(working_folder(workspace, SPILL)),
    }


def remove_spilt(workspace: Workspace) -> None:
    """What a run that was killed had spilt; DuckDB removes its own at its end."""
    shutil.rmtree(working_folder(workspace, SPILL), ignore_errors=True)


def peak_memory() -> int:
    """The most bytes that this process has had at once, so far."""
    # Linux counts in KiB, macOS in bytes
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def memory_metadata() -> Mapping[str, float]:
    return {"peak memory (MiB)": round(peak_memory() / 2**20)}
