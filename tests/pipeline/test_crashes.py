"""A run that is killed at any moment leaves nothing that the next run does not put right."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline.workspace_runs import copy_workspace, written
from tests.pipeline.workspace_runs import run as run_command
from tests.pipeline.workspaces import (
    Bench,
    Rows,
    assert_same_tables,
    contents,
    exported,
    query,
    run,
    start_run,
)

SEED = int(os.environ.get("TOLLBOOK_CHAOS_SEED", "0")) or random.SystemRandom().randrange(10**9)
# What appears in a workspace when a step of a run is under way; half of it is batches 1 to 3.
STEPS = {
    "load": "landing/requests/*/*/[45]-*.parquet",
    "batch": "landing/batches/4",
    "dbt": ".tollbook/dbt/build/run",
    "publish": ".marts.building.duckdb",
    "exports": "exports/2026-09/showback.csv",
}
RANDOM_MOMENTS = 5


@dataclass(frozen=True)
class Undisturbed:
    """What a run makes of the second half of the sources, and in what time."""

    marts: Rows
    exports: dict[str, bytes]
    files: set[str]
    seconds: float


@pytest.fixture(scope="module")
def bench(half: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Half of the sources have been run; the other half waits for the next run."""
    bench = Bench(tmp_path_factory.mktemp("half") / "company")
    bench.take(half)
    # as before a first export: the kill shall find out whether it is complete
    for file in (bench.folder / "exports").rglob("*.csv"):
        file.unlink()
    shutil.rmtree(bench.folder / ".tollbook/dbt/build/run")
    bench.save()
    return bench


@pytest.fixture(scope="module")
def undisturbed(bench: Bench) -> Undisturbed:
    folder = bench.restore()
    started = time.monotonic()
    assert run(folder) == []
    seconds = time.monotonic() - started
    return Undisturbed(contents(folder), exported(folder), visible(folder), seconds)


@pytest.fixture
def waiting(bench: Bench) -> Path:
    return bench.restore()


def visible(folder: Path) -> set[str]:
    """Files of the workspace that are not hidden. Landed files are named by content and swept."""
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    return {
        name
        for name in names
        if not any(part.startswith(".") for part in Path(name).parts)
        and not (name.startswith("landing/") and name.endswith(".parquet"))
    }


def wait_for_lock(folder: Path, process: "subprocess.Popen[str]") -> None:
    """Until the process has written itself down as the holder."""
    lock = folder / "warehouse.duckdb.lock"
    while process.poll() is None and f'"pid": {process.pid}' not in lock.read_text():
        time.sleep(0.005)


def assert_recovers(folder: Path, undisturbed: Undisturbed, told: str) -> None:
    assert_whole(folder, undisturbed, told)
    assert run(folder) == [], told
    assert_ended_well(folder, undisturbed, told)


def assert_whole(folder: Path, undisturbed: Undisturbed, told: str) -> None:
    """Whatever the moment, the marts are the old ones or the new ones."""
    requests = len(undisturbed.marts["fct_requests"])
    [[found]] = query(folder, "select count(*) from fct_requests")
    assert 0 < found <= requests, told


def assert_ended_well(folder: Path, undisturbed: Undisturbed, told: str) -> None:
    assert_same_tables(contents(folder), undisturbed.marts)
    assert exported(folder) == undisturbed.exports, told
    assert visible(folder) == undisturbed.files, told
    assert not list(folder.glob(".marts*")), told


def landed_and_built(folder: Path) -> dict[str, int]:
    """What a run without news leaves as it is, and when each file was written."""
    return {name: at for name, at in written(folder).items() if not name.startswith("exports")}


def kill_at(folder: Path, reached: Callable[[], bool]) -> int:
    """How the process ended: -9, or 0 where it was done first."""
    process = start_run(folder)
    wait_for_lock(folder, process)
    while process.poll() is None and not reached():
        time.sleep(0.002)
    process.kill()
    process.communicate()
    return process.returncode


def at_step(folder: Path, step: str) -> Callable[[], bool]:
    assert not any(folder.glob(STEPS[step]))
    return lambda: any(folder.glob(STEPS[step]))


def after(seconds: float) -> Callable[[], bool]:
    started: list[float] = []

    def reached() -> bool:
        started.append(time.monotonic())
        return started[-1] - started[0] >= seconds

    return reached


# in short: tests/orchestration/test_killed_publish.py
def test_a_run_killed_while_it_publishes(built: Path, tmp_path: Path) -> None:
    """With nothing new, so that a run that ended well is there; with news: `make chaos`."""
    undisturbed = Undisturbed(contents(built), exported(built), visible(built), 0)
    folder = copy_workspace(built, tmp_path / "company")
    for file in (folder / "exports").rglob("*.csv"):
        file.unlink()
    unlisted = folder / "landing/requests/litellm_prod/2026-09-22/1-0123456789abcdef.parquet"
    unlisted.write_bytes(b"of a run that was killed two hours ago")
    os.utime(unlisted, (time.time() - 7200,) * 2)
    assert kill_at(folder, at_step(folder, "publish")) == -signal.SIGKILL
    told = "killed while it published"
    assert_whole(folder, undisturbed, told)
    outcome = run_command(folder)
    assert outcome.status == 0, outcome.output
    assert "0 new or changed" in outcome.output
    assert "0 days of requests rebuilt" in outcome.output
    assert landed_and_built(folder) == landed_and_built(built)
    assert_ended_well(folder, undisturbed, told)


@pytest.mark.slow
def test_a_run_killed_at_a_random_moment(waiting: Path, undisturbed: Undisturbed) -> None:
    moment = random.Random(SEED).random() * undisturbed.seconds
    kill_at(waiting, after(moment))
    assert_recovers(waiting, undisturbed, f"killed after {moment:.2f} s, seed {SEED}")


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_in_every_step(step: str, waiting: Path, undisturbed: Undisturbed) -> None:
    assert kill_at(waiting, at_step(waiting, step)) == -signal.SIGKILL
    assert_recovers(waiting, undisturbed, f"killed at {step}")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(RANDOM_MOMENTS))
def test_a_run_killed_in_every_part_of_its_time(
    part: int, waiting: Path, undisturbed: Undisturbed
) -> None:
    share = (part + random.Random(SEED + part).random()) / RANDOM_MOMENTS
    kill_at(waiting, after(share * undisturbed.seconds))
    assert_recovers(waiting, undisturbed, f"killed at {share:.0%} of its time, seed {SEED}")


# in short: tests/orchestration/test_run_lock.py
@pytest.mark.whole
def test_a_second_run_waits_for_the_first_and_both_end_well(
    waiting: Path, undisturbed: Undisturbed, capfd: pytest.CaptureFixture[str]
) -> None:
    first = start_run(waiting)
    wait_for_lock(waiting, first)
    assert run(waiting) == []
    told = capfd.readouterr().err
    assert "waiting for warehouse.duckdb.lock: held by run " in told
    assert f"(process {first.pid} on " in told
    assert " 0 new or changed" in told
    _, told_by_first = first.communicate()
    assert first.returncode == 0, told_by_first
    assert "waiting for" not in told_by_first
    assert_same_tables(contents(waiting), undisturbed.marts)
    assert exported(waiting) == undisturbed.exports
