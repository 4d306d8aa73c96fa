"""Runs a workspace as `tollbook run` does, in this process, with the status it would end with."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from orchestration.command import KNOWN_ERRORS
from tests.pipeline.workspaces import command


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command would have ended with."""

    status: int
    output: str


def run(folder: Path) -> Outcome:
    """`tollbook --workspace FOLDER run`; an error that is not told in a sentence is raised."""
    result = command(folder, "run")
    error = result.exception
    if error is None:
        return Outcome(0, result.output)
    if not isinstance(error, KNOWN_ERRORS):
        raise error
    return Outcome(1, f"{result.output}{error}")


def copy_workspace(folder: Path, target: Path) -> Path:
    """A workspace elsewhere, as it is, built or not."""
    shutil.copytree(folder, target)
    return target


def written(folder: Path) -> dict[str, int]:
    """Every Parquet file and batch, and when it was written."""
    files = [*folder.rglob("*.parquet"), *(folder / "landing" / "batches").iterdir()]
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in files}


def forget_build(folder: Path) -> None:
    """Removes all that a run made, so that the next one is fresh."""
    for file in folder.glob("*.duckdb*"):
        file.unlink()
    for made in ("landing", "exports", "marts.requests"):
        shutil.rmtree(folder / made)
    shutil.rmtree(folder / ".tollbook")
