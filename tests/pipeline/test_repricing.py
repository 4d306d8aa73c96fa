"""A changed price reprices what it covers and nothing else, is told once, and outlives a kill."""

import contextlib
import hashlib
import shutil
import signal
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.run_lock import hold
from tests.pipeline.workspaces import (
    Bench,
    assert_same_tables,
    command,
    contents,
    copy_sources,
    exported,
    query,
    run,
    simulated,
    start_run,
)

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
LINES = "select * exclude (restated_at) from fct_price_restatements order by all"
BUILT = ".tollbook/dbt/build/run/tollbook/models/intermediate/rating"
HISTORY = ("fct_price_restatements",)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A company that was run; then a price of ten of its days changed."""
    bench = Bench(tmp_path_factory.mktemp("repriced") / "company")
    copy_sources(simulated(tmp_path_factory.mktemp("simulated") / "c", 300, 5), bench.folder)
    assert run(bench.folder) == []
    (bench.folder / "reference" / "prices.csv").write_text(PRICES)
    # what a kill shall wait for
    shutil.rmtree(bench.folder / BUILT)
    bench.save()
    return bench


@pytest.fixture(scope="module")
def before(bench: Bench) -> list[tuple[Any, ...]]:
    return query(bench.restore(), METERS)


@pytest.fixture(scope="module")
def told(bench: Bench, before: list[tuple[Any, ...]]) -> str:
    """What the run that nobody disturbs prints of it; the bench's folder is what it left."""
    result = command(bench.folder, "run")
    assert result.exception is None, result.output
    return repriced(result.stdout)


@pytest.fixture(scope="module")
def lines(bench: Bench, told: str) -> list[tuple[Any, ...]]:
    return query(bench.folder, LINES)


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


def test_exactly_the_requests_of_the_price_are_repriced(
    bench: Bench, before: list[tuple[Any, ...]], told: str, lines: list[tuple[Any, ...]]
) -> None:
    after = query(bench.folder, METERS)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed
    assert [old for old, _ in changed] == [row for row in before if covered(row)]
    for old, new in changed:
        assert new[:6] == old[:6]
        assert new[6] == old[5] * Decimal("4.00") / 1_000_000
    sql = """
        select sum(requests), sum(requests_once), sum(quantity)::bigint, sum(list_cost_before),
            sum(list_cost_after), sum(contracted_cost_before), sum(contracted_cost_after),
            count(distinct restatement_id), max(sequence), min(reason), max(reason)
        from fct_price_restatements
    """
    sums = [sum(row[at] for row, _ in changed) for at in (5, 6, 7)]
    new_list, new_contracted = (sum(row[at] for _, row in changed) for at in (6, 7))
    requests = len({old[0] for old, _ in changed})
    expected = (requests, requests, sums[0], sums[1], new_list, sums[2], new_contracted)
    assert query(bench.folder, sql) == [(*expected, 1, 1, "list_price", "list_price")]
    days = len({row[4].date() for row, _ in changed})
    assert told.startswith(f"repriced {requests} requests of {days} days: list {sums[1]:.2f} → ")
    assert query(bench.folder, "select distinct usage_date from fct_price_restatements") != []
    assert len(lines) == days


def test_a_second_run_and_a_new_warehouse_tell_it_no_more(
    bench: Bench, lines: list[tuple[Any, ...]]
) -> None:
    tables, files = contents(bench.folder), exported(bench.folder)
    for name in ("warehouse.duckdb", "marts.duckdb"):
        (bench.folder / name).unlink()
    result = command(bench.folder, "run")
    assert result.exception is None
    assert "repriced" not in result.output
    # history is all there, with the moment it happened
    assert_same_tables(contents(bench.folder), tables)
    assert exported(bench.folder) == files


def test_a_dry_run_prints_what_the_run_will_print_and_changes_nothing(
    bench: Bench, told: str
) -> None:
    folder = bench.restore()
    waiting = contextlib.ExitStack()
    waiting.enter_context(hold(folder / "warehouse.duckdb.lock", "run 7", print))
    before = hashes(folder)
    threading.Timer(1.0, waiting.close).start()
    result = command(folder, "run", "--dry-run")
    assert result.exception is None, result.output
    assert result.stdout == told
    assert "waiting for warehouse.duckdb.lock: held by run 7 (process " in result.stderr
    assert hashes(folder) == before


@pytest.mark.parametrize(
    "reached",
    [f"{BUILT}/int_request_meters_before.sql", f"{BUILT}/int_price_restatements.sql"],
)
def test_a_run_killed_between_rating_and_publishing_loses_and_doubles_nothing(
    bench: Bench, reached: str, told: str, lines: list[tuple[Any, ...]]
) -> None:
    folder = bench.restore()
    kill_when(folder, reached)
    assert query(folder, LINES) == []
    assert repriced(command(folder, "run").stdout) == told
    assert query(folder, LINES) == lines


def test_a_run_killed_after_the_landing_knows_tells_it_once(
    bench: Bench, told: str, lines: list[tuple[Any, ...]]
) -> None:
    folder = bench.restore()
    kill_when(folder, "landing/price_restatements/*.parquet")
    assert query(folder, LINES) == []
    assert repriced(command(folder, "run").stdout) == told
    assert query(folder, LINES) == lines
    assert len(list(folder.glob("landing/price_restatements/*"))) == 1


def kill_when(folder: Path, reached: str) -> None:
    assert not any(folder.glob(reached))
    process = start_run(folder)
    while process.poll() is None and not any(folder.glob(reached)):
        pass
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_without_a_warehouse_there_is_nothing_to_reprice(tmp_path: Path, bench: Bench) -> None:
    folder = tmp_path / "company"
    copy_sources(bench.restore(), folder)
    result = command(folder, "run", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("nothing to reprice: ")
    assert not list(folder.rglob("*.duckdb*"))
