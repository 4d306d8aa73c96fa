"""A changed price reprices what it covers and nothing else, is told once, and outlives a kill."""

import contextlib
import hashlib
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.running.lock import hold
from tests.pipeline.workspaces import (
    Bench,
    assert_same_tables,
    command,
    contents,
    exported,
    query,
    start_run,
)

pytestmark = pytest.mark.whole

SINCE = date(2026, 9, 25)
PRICES = f"""\
provider,model,meter,service_tier,context_above,unit_price_per_million,valid_from,valid_to
openai,gpt-4o,input,,,4.00,{SINCE},2026-10-05
"""
METERS = """
    select m.request_key, m.meter, r.model, r.service_tier, r.started_at, m.quantity, m.list_cost,
        m.contracted_cost
    from fct_request_meters as m join fct_requests as r using (request_key) order by all
"""
SUMS = """
    select sum(requests), sum(requests_once), sum(quantity)::bigint, sum(list_cost_before),
        sum(list_cost_after), sum(contracted_cost_before), sum(contracted_cost_after),
        count(distinct usage_date), count(distinct restatement_id), max(sequence), min(reason),
        max(reason)
    from fct_price_restatements
"""
LINES = "select * exclude (restated_at) from fct_price_restatements order by all"
Rows = list[tuple[Any, ...]]
BUILT = ".tollbook/dbt/build/run/tollbook/models/rating"


@dataclass(frozen=True)
class Undisturbed:
    """What the run makes of it that nobody kills."""

    before: Rows
    after: Rows
    told: str
    lines: Rows
    sums: Rows


@pytest.fixture(scope="module")
def bench(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A company that was run; then a price of ten of its days changed."""
    bench = Bench(tmp_path_factory.mktemp("changed") / "company")
    bench.take(small)
    (bench.folder / "reference" / "prices.csv").write_text(PRICES)
    # what a kill shall wait for
    shutil.rmtree(bench.folder / BUILT)
    bench.save()
    return bench


@pytest.fixture(scope="module")
def undisturbed(bench: Bench) -> Undisturbed:
    folder = bench.restore()
    before = query(folder, METERS)
    result = command(folder, "run")
    assert result.exception is None, result.output
    after, lines, sums = (query(folder, sql) for sql in (METERS, LINES, SUMS))
    return Undisturbed(before, after, repriced(result.stdout), lines, sums)


def repriced(output: str) -> str:
    """The lines of a restatement: up to the summary."""
    assert "repriced " in output
    return output[output.index("repriced ") :].split("\n\n")[0].rstrip() + "\n"


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def covered(row: tuple[Any, ...]) -> bool:
    _, meter, model, tier, started_at, *_ = row
    return (model, meter, tier) == ("gpt-4o", "input", "standard") and (
        SINCE <= started_at.date() < date(2026, 10, 5)
    )


def test_exactly_the_requests_of_the_price_are_repriced(undisturbed: Undisturbed) -> None:
    pairs = zip(undisturbed.before, undisturbed.after, strict=True)
    changed = [(old, new) for old, new in pairs if old != new]
    assert changed
    assert [old for old, _ in changed] == [row for row in undisturbed.before if covered(row)]
    for old, new in changed:
        assert new[:6] == old[:6]
        assert new[6] == old[5] * Decimal("4.00") / 1_000_000
    requests, days = len(changed), len({old[4].date() for old, _ in changed})
    quantity, list_before, contracted_before = (
        sum(old[at] for old, _ in changed) for at in (5, 6, 7)
    )
    list_after, contracted_after = (sum(new[at] for _, new in changed) for at in (6, 7))
    money = (list_before, list_after, contracted_before, contracted_after)
    assert undisturbed.sums == [
        (requests, requests, quantity, *money, days, 1, 1, "list_price", "list_price")
    ]
    assert len(undisturbed.lines) == days
    headline, _, line = undisturbed.told.splitlines()
    assert headline.startswith(
        f"repriced {requests} requests of {days} days: list {list_before:.2f}"
    )
    assert line.split()[:4] == ["openai", "gpt-4o", "input", str(requests)]


def test_a_dry_run_prints_what_the_run_will_print_and_changes_nothing(
    bench: Bench, undisturbed: Undisturbed
) -> None:
    folder = bench.restore()
    waiting = contextlib.ExitStack()
    waiting.enter_context(hold(folder / "warehouse.duckdb.lock", "run 7", print))
    before = hashes(folder)
    threading.Timer(1.0, waiting.close).start()
    result = command(folder, "run", "--dry-run")
    assert result.exception is None, result.output
    assert result.stdout == undisturbed.told
    assert "waiting for warehouse.duckdb.lock: held by run 7 (process " in result.stderr
    assert hashes(folder) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    ["int_request_meters", "int_day_restatements", "int_price_restatements"],
)
def test_a_run_killed_between_rating_and_publishing_loses_and_doubles_nothing(
    bench: Bench, model: str, undisturbed: Undisturbed
) -> None:
    folder = bench.restore()
    kill_when(folder, lambda: (folder / BUILT / f"{model}.sql").exists())
    assert query(folder, LINES) == []
    assert repriced(command(folder, "run").stdout) == undisturbed.told
    assert query(folder, LINES) == undisturbed.lines


@pytest.mark.slow
def test_what_was_published_and_not_stored_is_told_once_and_outlives_the_warehouse(
    bench: Bench, undisturbed: Undisturbed
) -> None:
    folder = bench.restore()
    before = (folder / "marts.duckdb").stat().st_ino
    kill_when(folder, lambda: (folder / "marts.duckdb").stat().st_ino != before)
    # a run of which nobody knows how far it came
    shutil.rmtree(folder / "landing/price_restatements", ignore_errors=True)
    assert query(folder, LINES) == undisturbed.lines
    assert repriced(command(folder, "run").stdout) == undisturbed.told
    assert query(folder, LINES) == undisturbed.lines
    [stored] = folder.glob("landing/price_restatements/*")

    tables, files = contents(folder), exported(folder)
    for name in ("warehouse.duckdb", "marts.duckdb"):
        (folder / name).unlink()
    result = command(folder, "run")
    assert result.exception is None
    assert "repriced " not in result.output
    # also the moment it happened
    assert_same_tables(contents(folder), tables)
    assert exported(folder) == files
    assert list(folder.glob("landing/price_restatements/*")) == [stored]


@pytest.mark.slow
def test_days_built_and_not_published_are_told_against_what_readers_have(
    bench: Bench, undisturbed: Undisturbed
) -> None:
    """The warehouse is newer than the marts, then older; then the marts are newer."""
    folder = bench.restore()
    kill_when(folder, lambda: (folder / ".marts.building.duckdb").exists())
    assert query(folder, LINES) == []
    older = bench.folder.with_name("older.duckdb")
    shutil.copyfile(bench.saved / "warehouse.duckdb", older)
    for warehouse in (None, older):
        if warehouse:
            shutil.copyfile(warehouse, folder / "warehouse.duckdb")
        assert command(folder, "run", "--dry-run").stdout == undisturbed.told
    assert repriced(command(folder, "run").stdout) == undisturbed.told
    assert query(folder, LINES) == undisturbed.lines
    # what is published is newer than the warehouse
    shutil.copyfile(older, folder / "warehouse.duckdb")
    result = command(folder, "run")
    assert result.exception is None
    assert "repriced " not in result.output
    assert query(folder, LINES) == undisturbed.lines


def kill_when(folder: Path, reached: Callable[[], bool]) -> None:
    assert not reached()
    process = start_run(folder)
    while process.poll() is None and not reached():
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_dry_run_needs_no_warehouse(bench: Bench, undisturbed: Undisturbed) -> None:
    folder = bench.restore()
    (folder / "warehouse.duckdb").unlink()
    before = hashes(folder)
    result = command(folder, "run", "--dry-run")
    assert result.exception is None, result.output
    assert result.stdout == undisturbed.told
    assert hashes(folder) == before


def test_without_marts_there_is_nothing_to_reprice(bench: Bench) -> None:
    folder = bench.restore()
    (folder / "marts.duckdb").unlink()
    before = hashes(folder)
    result = command(folder, "run", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("nothing to reprice: ")
    assert hashes(folder) == before
