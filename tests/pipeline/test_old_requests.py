"""Requests of an old closed month go to the archive and come back, by the commands of a user."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from workspace_runs import copy_workspace
from workspaces import command, query

pytestmark = pytest.mark.whole

FIRST, SECOND = "2026-09", "2026-10"
KEYS = "\nkeep_requests_months: 1\narchive: cold\n"
NOTHING = " 0 days of requests rebuilt"
KEPT = "select min(usage_date)::varchar, count(*) from fct_requests"


def done(folder: Path, *arguments: str) -> str:
    result = command(folder, *arguments)
    assert result.exception is None, f"{result.output}{result.exception}"
    return result.output


def ledger(folder: Path) -> dict[str, str]:
    files = sorted(file for file in (folder / "ledger").rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def archived(folder: Path) -> set[str]:
    """Day and hash of each file of requests there."""
    files = (folder / "cold" / "fct_requests").rglob("*.parquet")
    return {f"{file.parent.name} {file.stem}" for file in files}


def totals(folder: Path) -> list[tuple[object, ...]]:
    return query(
        folder,
        "select billing_month, team, sum(billed_cost), sum(list_cost) from fct_cost_allocations"
        " group by all order by all",
    )


def late_lines(folder: Path) -> None:
    """Forty more of every second request of ten days: others lose to them."""
    logs = [file for file in sorted((folder / "logs").rglob("*.zst")) if f"{FIRST}-1" in str(file)]
    read = zstandard.ZstdDecompressor().decompress
    lines = [line for file in logs for line in read(file.read_bytes(), 10**8).splitlines()]
    late = []
    for number, line in enumerate(lines[::2] * 40):
        ids = dict.fromkeys(("id", "litellm_call_id", "trace_id"), f"late-{number}")
        late.append(json.dumps({**json.loads(line), **ids, "response": {}}))
    logs[0].with_name("late.jsonl").write_text("\n".join(late) + "\n")


def test_an_old_month_is_archived_corrected_and_brought_back(
    simulated: Callable[..., Path], tmp_path: Path
) -> None:
    folder = copy_workspace(simulated(600, 61, 11, clean_tags=True), tmp_path / "company")
    settings = (folder / "tollbook.yaml").read_text()
    (folder / "tollbook.yaml").write_text(settings + KEYS)
    done(folder, "close", FIRST)
    # of one closed month none is old
    assert archived(folder) == set()
    [(first_day, requests)] = query(folder, KEPT)
    assert first_day == f"{FIRST}-01"
    [(wanted,)] = query(folder, "select min_by(request_id, started_at) from fct_requests")
    before = totals(folder)
    done(folder, "close", SECOND)
    closed = ledger(folder)

    days = archived(folder)
    assert {day.split()[0][:7] for day in days} == {FIRST}
    [(first_day, left)] = query(folder, KEPT)
    assert first_day == f"{SECOND}-01" and 0 < left < requests
    assert totals(folder) == before
    assert "all of it holds" in (said := done(folder, "audit", FIRST))
    assert f"its requests are in {folder / 'cold'}" in said
    said = str(command(folder, "explain", "--request", wanted).exception)
    assert f"{wanted} is a request of {FIRST}-01 in the archive: {folder / 'cold'}" in said
    assert f"are in {folder / 'cold'}" in done(folder, "explain", "--month", FIRST)
    assert "nothing is new" in command(folder, "run").output
    assert NOTHING in command(folder, "run", "--again").output
    assert archived(folder) == days

    late_lines(folder)
    done(folder, "run")
    anew = archived(folder) - days
    assert anew and {day[:7] for day in anew} == {FIRST}
    assert "late_log" in done(folder, "diff", FIRST)
    assert ledger(folder) == closed and query(folder, KEPT) == [(first_day, left)]

    (folder / "tollbook.yaml").write_text(settings)
    done(folder, "run")
    [(first_day, back)] = query(folder, KEPT)
    assert first_day == f"{FIRST}-01" and back > requests
    assert not any(file.is_symlink() for file in (folder / "marts.requests").rglob("*"))
    assert ledger(folder) == closed
