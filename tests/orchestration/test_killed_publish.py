"""What leaves is killed while it leaves: marts are old or new ones, and the next time is whole.

Of a whole run: tests/pipeline/test_crashes.py.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.exports.months import export_open_months
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.source_states import SourceState, write_state
from tests.orchestration.small_warehouse import MODELS, write_warehouse, write_workspace

# Ends only when it is killed; each time other days of requests, and exports that are written anew.
AGAIN_AND_AGAIN = """
import itertools, sys
from pathlib import Path
from ingestion.workspace.settings import load_workspace
from tests.orchestration.test_killed_publish import REQUESTS, leave
workspace = load_workspace(Path(sys.argv[1]))
for requests in itertools.cycle(REQUESTS):
    leave(workspace, requests)
    print("left", flush=True)
"""
# What is there when a step is under way.
STEPS = {"publish": ".marts.building.duckdb", "exports": "exports/2026-09/chargeback.csv"}
REQUESTS = (4000, 5000)


def leave(workspace: Workspace, requests: int) -> None:
    """The last steps of a run whose build made so many requests."""
    folder = workspace.file.parent
    for file in (folder / "exports").rglob("*.csv"):
        file.unlink()
    write_warehouse(workspace.warehouse, {"2026-09-01": (f"h{requests}", requests)})
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    export_open_months(workspace)


def contents(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    with open_marts(workspace.marts) as marts:
        names = marts.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        return {
            name: marts.execute(f'select * from main."{name}" order by all').fetchall()
            for [name] in names
        }


def exported(workspace: Workspace) -> dict[str, bytes]:
    folder = Path(workspace.exports)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def company(folder: Path) -> Workspace:
    workspace = write_workspace(folder)
    write_state(workspace, SourceState("prod", "ok"))
    return load_workspace(workspace.file)


def wait_until(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < ends, "a step that never is under way"
        time.sleep(0.0005)


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_it_leaves_it_is_old_or_new_and_the_next_time_is_whole(
    step: str, tmp_path: Path
) -> None:
    workspace, undisturbed = company(tmp_path / "killed"), company(tmp_path / "undisturbed")
    process = subprocess.Popen(
        [sys.executable, "-c", AGAIN_AND_AGAIN, str(workspace.file)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None and process.stdout.readline() == b"left\n"
    reached = workspace.file.parent / STEPS[step]
    try:
        wait_until(lambda: not reached.exists())
        wait_until(reached.exists)
    finally:
        process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert len(contents(workspace)["fct_requests"]) in REQUESTS
    for each in (workspace, undisturbed):
        leave(each, REQUESTS[0])
    assert contents(workspace) == contents(undisturbed)
    assert len(contents(workspace)["fct_requests"]) == REQUESTS[0]
    left = exported(workspace)
    assert left == exported(undisturbed) and "2026-09/chargeback.csv" in left
    assert not list(workspace.file.parent.glob(".marts*"))
