"""A month without its invoice is accrued as a user does it, and trued up when the invoice comes."""

import csv
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pytest
from test_close import ACCOUNTS, JOURNALS, bytes_below, told
from workspace_runs import copy_workspace
from workspaces import start_run

from ingestion.workspace.settings import load_workspace
from orchestration.checks.month_status import parse_month
from orchestration.ledger.books import open_accruals, open_ledger
from tests.journals.vendor_pages import read

pytestmark = pytest.mark.whole

BEFORE = "2026-09"
MONTH = "2026-10"
OWED = "accrual,,2150,,,\n"
Totals = dict[tuple[str, str], Decimal]


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def status_of(folder: Path) -> str:
    with duckdb.connect(load_workspace(folder).marts, read_only=True) as connection:
        [(status,)] = connection.execute(
            "select distinct status from mart_chargeback_monthly where billing_month = ?",
            [parse_month(MONTH)],
        ).fetchall()
    return str(status)


def without_invoice(folder: Path) -> Callable[[], None]:
    """Openai's invoice is not there yet, whose tax no line of its bill has; and it comes."""
    invoices = folder / "reference" / "invoices.csv"
    whole = invoices.read_text()
    kept = [line for line in whole.splitlines() if not ("openai" in line and f",{MONTH}," in line)]
    assert len(kept) == len(whole.splitlines()) - 1
    invoices.write_text("\n".join(kept) + "\n")

    def comes() -> None:
        invoices.write_text(whole)

    return comes


def set_up(small: Path, folder: Path) -> Path:
    """Every team is charged, and what is accrued is owed under an account of its own."""
    copy_workspace(small, folder)
    with (folder / "tollbook.yaml").open("a") as settings:
        settings.write(JOURNALS)
    (folder / "reference" / "accounts.csv").write_text(ACCOUNTS + OWED)
    teams = [row["team_id"] for row in rows_of(folder / "reference" / "teams.csv")]
    (folder / "reference" / "chargeback_phases.csv").write_text(
        "team_id,phase,valid_from,override_by,override_reason\n"
        + "".join(f"{team},hard,,cfo,agreed\n" for team in [*teams, "__unallocated__"])
    )
    return folder


@pytest.fixture(scope="module")
def accrued(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Callable[[], None]]:
    folder = set_up(small, tmp_path_factory.mktemp("accrued") / "company")
    comes = without_invoice(folder)
    done, said = told(folder, "close", MONTH)
    assert not done and "it is an estimate: openai" in said, said
    assert f"`tollbook close {MONTH} --accrue` accrues what is estimated" in said
    done, said = told(folder, "close", BEFORE, "--accrue")
    assert not done and f"{BEFORE} is not accrued: it is billed, no estimate" in said, said
    assert not (folder / "ledger").exists()
    done, said = told(folder, "close", MONTH, "--accrue")
    assert done and "reversed on 2026-11-01" in said, said
    return folder, comes


def by_team(rows: Iterable[dict[str, str]], amount: str) -> Totals:
    found: Totals = defaultdict(Decimal)
    for row in rows:
        if row["team"]:
            found[row["vendor"], row["team"]] += Decimal(row[amount])
    return dict(found)


def posted(folder: Path, below: str) -> list[tuple[str, Decimal]]:
    """Account and amount of every line of xero's and of netsuite's journals."""
    manifest = json.loads((folder / below / "manifest.json").read_text())
    found = []
    for layout, each in manifest["journals"].items():
        for name in each["files"]:
            journals = read(layout, (folder / below / name).read_bytes()).journals
            found += [(layout, *line) for lines in journals.values() for line in lines]
    return found


def test_what_is_estimated_is_accrued_and_reversed(
    accrued: tuple[Path, Callable[[], None]],
) -> None:
    folder, _ = accrued
    assert status_of(folder) == "accrued"
    rows = rows_of(folder / "exports" / MONTH / "accrual" / "accrual.csv")
    assert sum(Decimal(row["accrued"]) for row in rows) == 0
    owed = {row["gl_account"] for row in rows if not row["team"]}
    assert owed == {"2150"}
    for row in rows:
        assert Decimal(row["billed"]) + Decimal(row["estimated"]) == Decimal(row["accrued"])
        assert (row["status"], row["reversed_on"]) == ("accrued", "2026-11-01")
    # Xero has no date that reverses: its second file takes the first one back
    of_xero = folder / "exports" / MONTH / "accrual" / "journals" / "xero"
    assert sorted(file.name for file in of_xero.iterdir()) == ["TB-202610A.csv", "TB-202610R.csv"]
    lines = posted(folder, f"exports/{MONTH}/accrual")
    assert sum(amount for layout, _, amount in lines if layout == "xero") == 0
    expense: dict[str, Decimal] = defaultdict(Decimal)
    for layout, account, amount in lines:
        expense[layout] += amount if account != "2150" else 0
    total = sum(Decimal(row["accrued"]) for row in rows if row["team"])
    assert expense == {"xero": 0, "netsuite": total}
    [netsuite] = (of_xero.parent / "netsuite").iterdir()
    assert {row["Reversal Date"] for row in rows_of(netsuite)} == {"11/01/2026"}


def test_accruing_twice_does_nothing_and_an_edited_file_is_told(
    accrued: tuple[Path, Callable[[], None]],
) -> None:
    folder, _ = accrued
    ledger, left = folder / "ledger", folder / "exports" / MONTH / "accrual"
    before = bytes_below(ledger), bytes_below(left)
    done, said = told(folder, "close", MONTH, "--accrue")
    assert done and "was accrued before and stays" in said, said
    done, said = told(folder, "audit", MONTH)
    assert done and "all of it holds" in said and "2026-11-01" in said, said
    done, said = told(folder, "diff", MONTH)
    assert done and "known now" in said, said
    (left / "accrual.csv").write_text("edited\n")
    done, said = told(folder, "audit", MONTH)
    assert not done and "accrual.csv: is not as it left" in said, said
    assert told(folder, "export", MONTH)[0]
    assert (bytes_below(ledger), bytes_below(left)) == before
    file = next(ledger.glob(f"accrued/{MONTH}/*/accrued_teams.parquet"))
    as_accrued = file.read_bytes()
    file.write_bytes(as_accrued + b"\0")
    done, said = told(folder, "audit", MONTH)
    assert not done and "accrued_teams.parquet: is not what was closed" in said, said
    file.write_bytes(as_accrued)


def test_the_close_trues_it_up_to_the_invoice(accrued: tuple[Path, Callable[[], None]]) -> None:
    folder, comes = accrued
    ledger = folder / "ledger" / "accrued"
    before = bytes_below(ledger)
    comes()
    assert told(folder, "run")[0]
    assert status_of(folder) == "soft_closed"
    done, said = told(folder, "close", MONTH)
    assert done, said
    assert status_of(folder) == "closed" and bytes_below(ledger) == before
    exports = folder / "exports" / MONTH
    rows = rows_of(exports / "true_up.csv")
    sums = by_team(rows, "accrued")
    for amount in ("reversed", "actual"):
        for key, value in by_team(rows, amount).items():
            sums[key] += value
    charged = by_team(rows_of(exports / "chargeback.csv"), "total")
    assert sums == charged and any(Decimal(row["true_up"]) for row in rows)
    accrual = by_team(rows_of(exports / "accrual" / "accrual.csv"), "accrued")
    assert by_team(rows, "accrued") == {key: accrual.get(key, 0) for key in charged}
    for row in rows:
        assert Decimal(row["actual"]) - Decimal(row["accrued"]) == Decimal(row["true_up"])
    # October's books have the accrual: the actual amounts are November's, as is the reversal
    [netsuite] = (exports / "journals" / "netsuite").iterdir()
    assert {row["Date"] for row in rows_of(netsuite)} == {"11/01/2026"}
    invoices = [
        row
        for row in rows_of(folder / "reference" / "invoices.csv")
        if row["billing_month"] == MONTH
    ]
    assert sum(charged.values()) == sum(Decimal(row["amount"]) for row in invoices)
    done, said = told(folder, "audit", MONTH)
    assert done and "accrued, and reversed on 2026-11-01" in said, said
    done, said = told(folder, "close", MONTH, "--accrue")
    assert done and "was accrued before and stays" in said, said


def assert_accrues_after_a_kill(folder: Path, reached: Callable[[], bool]) -> None:
    """Whatever the moment: nothing is accrued, or all of it; the next try completes it."""
    process = start_run(folder, "close", MONTH, "--accrue")
    while process.poll() is None and not reached():
        time.sleep(0.002)
    process.kill()
    process.communicate()
    done, said = told(folder, "close", MONTH, "--accrue")
    assert done, said
    workspace = load_workspace(folder)
    assert len(open_accruals(workspace).months()) == 1
    assert open_ledger(workspace).months() == []
    assert status_of(folder) == "accrued"
    done, said = told(folder, "audit", MONTH)
    assert done and "all of it holds" in said, said


@pytest.fixture(scope="module")
def estimated(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run, and not accrued yet."""
    folder = set_up(small, tmp_path_factory.mktemp("estimated") / "company")
    without_invoice(folder)
    assert told(folder, "run")[0]
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_an_accrual_that_is_killed_at_any_moment(
    moment: int, estimated: Path, tmp_path: Path
) -> None:
    folder = copy_workspace(estimated, tmp_path / "company")
    began, after = time.monotonic(), Random(moment).uniform(0, 40)
    assert_accrues_after_a_kill(folder, lambda: time.monotonic() - began > after)


def test_an_accrual_that_is_killed_as_it_writes_is_no_half_one(
    estimated: Path, tmp_path: Path
) -> None:
    folder = copy_workspace(estimated, tmp_path / "company")
    assert_accrues_after_a_kill(folder, lambda: any((folder / "ledger").rglob("*.parquet")))
