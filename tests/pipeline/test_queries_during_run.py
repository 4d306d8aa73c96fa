"""Whoever queries the marts while a run publishes gets the old ones or the new ones, at once."""

import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.pipeline.workspaces import (
    Bench,
    command,
    run,
    start_run,
)

pytestmark = pytest.mark.whole

# Money is in a table, requests are in Parquet beside it.
SQL = """
    select
        (select count(*) from fct_requests) as requests,
        (select count(*) from fct_request_costs where billed_cost is null) as unshared,
        (select sum(requests) from fct_cost_daily) as counted,
        (select sum(billed_cost) from fct_cost_allocations) as billed
"""
# A query takes 0.1 s; one that waited for a run would take many seconds.
LONGEST = 5.0


@pytest.fixture(scope="module")
def bench(half: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Published from half of the log objects; the others have arrived since."""
    bench = Bench(tmp_path_factory.mktemp("half") / "company")
    bench.take(half)
    bench.save()
    return bench


@pytest.fixture
def published(bench: Bench) -> Path:
    return bench.restore()


def read_only(folder: Path) -> tuple[int, int, int, Decimal]:
    with duckdb.connect(folder / "marts.duckdb", read_only=True) as connection:
        connection.execute(f"set file_search_path = '{folder}'")
        return connection.execute(SQL).fetchall()[0]


def by_command(folder: Path) -> tuple[int, int, int, Decimal]:
    result = command(folder, "query", SQL, "--format", "csv")
    assert result.exit_code == 0, result.output
    requests, unshared, counted, billed = result.output.splitlines()[1].split(",")
    return int(requests), int(unshared), int(counted), Decimal(billed)


# Opens the marts, counts, waits for a line, counts again; read-write it ends without a close.
HOLD = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read_only")
connection.execute("set file_search_path = '" + os.path.dirname(sys.argv[1]) + "'")
count = lambda: connection.execute("select count(*) from fct_requests").fetchone()[0]
if sys.argv[2] != "read_only":
    connection.execute("create table mine as select 1 as one")
print(count(), flush=True)
sys.stdin.readline()
print(count(), flush=True)
os._exit(0)
"""


def hold(folder: Path, mode: str) -> "subprocess.Popen[str]":
    """Another process that has the marts open."""
    (folder / "marts.duckdb").chmod(0o644)
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / "marts.duckdb"), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def requests_seen(holder: "subprocess.Popen[str]") -> int:
    assert holder.stdout
    return int(holder.stdout.readline())


def pause(folder: Path) -> None:
    """Half a second, no longer than until the run begins to publish; then hardly any."""
    until = time.monotonic() + 0.5
    time.sleep(0.05)
    while time.monotonic() < until and not any(folder.glob(".marts*")):
        time.sleep(0.005)


def answers_during(process: "subprocess.Popen[str]", folder: Path) -> list[int]:
    """How many requests each query found, from before the run to after it."""
    found: list[int] = []
    going = True
    while going:
        going = process.poll() is None
        for way in (by_command, read_only):
            started = time.monotonic()
            requests, unshared, counted, billed = way(folder)
            assert time.monotonic() - started < LONGEST
            assert unshared == 0
            assert counted == requests  # both of the same run
            assert billed > 0
            found.append(requests)
        pause(folder)
    _, told = process.communicate()
    assert process.returncode == 0, told
    return found


def test_queries_neither_fail_nor_wait_while_a_run_publishes(published: Path) -> None:
    holder = hold(published, "read_only")
    old = requests_seen(holder)
    found = answers_during(start_run(published), published)
    assert found == sorted(found)
    assert len(set(found)) == 2
    assert found[0] == old
    # whoever has the old marts open keeps them
    told, _ = holder.communicate("again\n")
    assert int(told) == old


@pytest.mark.parametrize("killed", [False, pytest.param(True, marks=pytest.mark.whole)])
def test_a_run_publishes_over_marts_that_somebody_opened_read_write(
    killed: bool, published: Path
) -> None:
    wal = published / "marts.duckdb.wal"
    holder = hold(published, "read_write")
    old = requests_seen(holder)
    if killed:
        holder.kill()
        holder.communicate()
    assert wal.is_file()
    assert by_command(published)[0] == old
    assert run(published) == []
    assert by_command(published) == read_only(published)
    assert by_command(published)[0] > old
    if not killed:
        holder.communicate("again\n")
    # what was written is gone with the old marts, and nothing of it disturbs the new ones
    assert not wal.exists()
    assert by_command(published) == read_only(published)
