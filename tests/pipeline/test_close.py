"""A month is closed as a user closes it: by the command, on a whole company, once."""

import csv
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from random import Random

import pytest
import zstandard
from workspace_runs import copy_workspace
from workspaces import command, start_run

from ingestion.workspace.settings import load_workspace
from orchestration.ledger.books import open_ledger
from tests.journals.vendor_pages import read

FIRST = "2026-09"
SECOND = "2026-10"
JOURNALS = """
journals:
  - {layout: xero, tax_rate: Tax Exempt, cost_center: Department, tracking: [Department]}
  - {layout: netsuite, subsidiary: Parent Company}
notifications: {folder: mail}
"""
ACCOUNTS = """\
scope,scope_id,gl_account,dimensions,valid_from,valid_to
default,,6100,,,
team,__unallocated__,6900,,,
cause,tax,6950,,,
payable,,2100,,,
"""


def bytes_below(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def told(folder: Path, *arguments: str) -> tuple[bool, str]:
    """Whether it did what was asked, and what it said."""
    result = command(folder, *arguments)
    return result.exception is None, f"{result.output}{result.exception or ''}"


def mails(folder: Path) -> list[str]:
    """Their subjects, in the order of their time."""
    files = sorted((folder / "mail").glob("*.eml"))
    return [str(message_from_bytes(file.read_bytes(), policy=default)["Subject"]) for file in files]


def late_lines(folder: Path) -> None:
    """Requests of the first month that were logged, and came only now."""
    files = sorted((folder / "logs").rglob("*.zst"))
    log = next(file for file in files if f"{FIRST}-1" in str(file))
    late = []
    lines = zstandard.ZstdDecompressor().decompress(log.read_bytes(), 10**8).splitlines()
    for number, line in enumerate(lines * 40):
        record = json.loads(line)
        for name in ("id", "litellm_call_id", "trace_id"):
            record[name] = f"late-{number}"
        record["response"] = {}
        late.append(json.dumps(record))
    log.with_name("late.jsonl").write_text("\n".join(late) + "\n")


@pytest.fixture(scope="module")
def closed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company of two months, whose first one is closed, and posted into two ledgers of all
    teams but one.
    """
    folder = posting(built, tmp_path_factory.mktemp("closed") / "company")
    (folder / "reference" / "accounts.csv").write_text(ACCOUNTS)
    done, said = told(folder, "close", FIRST)
    assert done, said
    return folder


def posting(built: Path, folder: Path) -> Path:
    """A copy which is to post all teams but one, and has no account for what it posts."""
    copy_workspace(built, folder)
    with (folder / "tollbook.yaml").open("a") as settings:
        settings.write(JOURNALS)
    with (folder / "reference" / "teams.csv").open(newline="") as file:
        teams = [row["team_id"] for row in csv.DictReader(file)]
    (folder / "reference" / "chargeback_phases.csv").write_text(
        "team_id,phase,valid_from,override_by,override_reason\n"
        + "".join(f"{team},hard,,cfo,agreed\n" for team in [*teams[1:], "__unallocated__"])
    )
    return folder


def test_a_closed_month_is_proved_from_its_ledger_and_leaves_as_closed(closed: Path) -> None:
    done, said = told(closed, "audit", FIRST)
    assert done and "all of it holds" in said, said
    chargeback = (closed / "exports" / FIRST / "chargeback.csv").read_text()
    assert ",closed," in chargeback and ",billed," not in chargeback
    assert ",closed," not in (closed / "exports" / SECOND / "chargeback.csv").read_text()
    done, said = told(closed, "diff", FIRST)
    assert done and "nothing is to be corrected" in said, said


def test_journals_leave_with_a_closed_month_and_with_no_open_one(closed: Path) -> None:
    """They are what chargeback.csv has of teams that are charged, balanced by the payables."""
    exports = closed / "exports"
    assert not (exports / SECOND / "journals").exists()
    with (exports / FIRST / "chargeback.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        charged[row["phase"] or "vendor"] += Decimal(row["total"])
        assert row["gl_account"] in (("6100", "6900", "6950") if row["team"] else ("2100",))
    assert charged.keys() == {"hard", "showback", "vendor"} and sum(charged.values()) == 0
    said = json.loads((exports / FIRST / "manifest.json").read_text())["journals"]
    assert said.keys() == {"xero", "netsuite"}
    for layout, each in said.items():
        assert each["template"].startswith("check with your template")
        [(name, of)] = each["files"].items()
        data = (exports / FIRST / name).read_bytes()
        found = read(layout, data)
        assert found.lines == of["lines"] and hashlib.sha256(data).hexdigest() == of["sha256"]
        posted = [line for lines in found.journals.values() for line in lines]
        payable = sum(amount for account, amount in posted if account == "2100")
        assert payable == -charged["hard"] < 0


def test_a_closed_months_folders_of_teams_are_in_its_ledger(closed: Path) -> None:
    """Together they have every line of chargeback.csv that is of a team."""
    month = closed / "exports" / FIRST
    folders = json.loads((month / "manifest.json").read_text())["teams"]
    lines = (month / "chargeback.csv").read_text().splitlines(keepends=True)[1:]
    own = [
        line
        for folder in folders.values()
        for line in (month / folder / "chargeback.csv").read_text().splitlines(keepends=True)[1:]
    ]
    assert len(folders) > 3
    assert sorted(own) == sorted(line for line in lines if ",2100," not in line)
    [ledger] = open_ledger(load_workspace(closed)).months()
    left = ledger.below("exports")
    assert left == bytes_below(month)
    assert {"tables.xlsx", "reconciliation.csv", f"{folders['__unallocated__']}/showback.csv"} <= (
        left.keys()
    )


# in short: tests/journals/test_month_journals.py
def test_without_an_account_for_what_is_posted_nothing_is_closed(
    built: Path, tmp_path: Path
) -> None:
    folder = posting(built, tmp_path / "company")
    done, said = told(folder, "close", FIRST)
    assert not done and f"{FIRST} is not closed: accounts.csv has no account in {FIRST}" in said
    assert open_ledger(load_workspace(folder)).months() == []


def test_closing_twice_does_nothing(closed: Path) -> None:
    before = bytes_below(closed / "ledger")
    done, said = told(closed, "close", FIRST)
    assert done and "is closed and stays as it is" in said, said
    assert bytes_below(closed / "ledger") == before


def test_a_close_is_told_once(closed: Path) -> None:
    told_of = [subject for subject in mails(closed) if "is closed" in subject]
    assert len(told_of) == 1 and f"{FIRST} is closed: " in told_of[0]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("close", "2999-01"), "2999-01 is not closed: it ends on 2999-01-31"),
        (("close", "2026-08"), "2026-08 is not closed: the marts have no such month"),
        (("close", FIRST, "--accept", "rule"), f"{FIRST} is closed: accept corrections with"),
        (("audit", SECOND), f"{SECOND} is not closed; closed are: {FIRST}"),
        (("diff", SECOND), f"{SECOND} is not closed: until it is"),
        (("export", "2999-01"), "2999-01: no such month"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    closed: Path, arguments: tuple[str, ...], why: str
) -> None:
    before = bytes_below(closed / "ledger")
    done, said = told(closed, *arguments)
    assert not done and why in said, said
    assert bytes_below(closed / "ledger") == before


def test_an_export_that_was_edited_is_told_and_put_back(closed: Path) -> None:
    folder = closed / "exports" / FIRST
    before = bytes_below(folder)
    [journal] = (folder / "journals" / "xero").iterdir()
    [of_team, *_] = sorted((folder / "teams").glob("*/chargeback.csv"))
    for file in (folder / "chargeback.csv", journal, of_team, folder / "tables.xlsx"):
        file.write_text("edited\n")
        done, said = told(closed, "audit", FIRST)
        assert not done and f"{file.name}: is not as it left" in said, said
        assert told(closed, "export", FIRST)[0]
        assert bytes_below(folder) == before
    assert told(closed, "audit", FIRST)[0]


def test_a_ledger_that_was_edited_is_told_and_stays(closed: Path) -> None:
    file = next((closed / "ledger").glob(f"{FIRST}/*/closed_chargeback.parquet"))
    as_closed = file.read_bytes()
    file.write_bytes(as_closed + b"\0")
    for arguments in (("audit", FIRST), ("run",)):
        done, said = told(closed, *arguments)
        assert not done and "closed_chargeback.parquet: is not what was closed" in said, said
    assert file.read_bytes() == as_closed + b"\0"
    assert sum("a run failed" in subject for subject in mails(closed)) == 1
    file.write_bytes(as_closed)
    assert told(closed, "audit", FIRST)[0]


def test_late_requests_change_no_byte_of_what_left(closed: Path) -> None:
    before = bytes_below(closed / "ledger"), bytes_below(closed / "exports" / FIRST)
    late_lines(closed)
    done, said = told(closed, "run")
    assert done, said
    assert (bytes_below(closed / "ledger"), bytes_below(closed / "exports" / FIRST)) == before
    done, said = told(closed, "diff", FIRST)
    assert done and "late_log" in said, said
    assert told(closed, "audit", FIRST)[0]


def assert_closes_after_a_kill(folder: Path, reached: Callable[[], bool]) -> None:
    """Whatever the moment: the month is open, or closed whole; the next close completes it."""
    process = start_run(folder, "close", FIRST)
    while process.poll() is None and not reached():
        time.sleep(0.002)
    process.kill()
    process.communicate()
    if open_ledger(load_workspace(folder)).months():
        done, said = told(folder, "run")
    else:
        done, said = told(folder, "close", FIRST)
    assert done, said
    done, said = told(folder, "audit", FIRST)
    assert done and "all of it holds" in said, said
    chargeback = (folder / "exports" / FIRST / "chargeback.csv").read_text()
    assert ",closed," in chargeback and ",billed,showback" not in chargeback


def test_a_close_that_is_killed_as_it_writes_is_no_half_ledger(built: Path, tmp_path: Path) -> None:
    folder = copy_workspace(built, tmp_path / "company")
    assert_closes_after_a_kill(folder, lambda: any((folder / "ledger").rglob("*.parquet")))


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_a_close_that_is_killed_at_any_moment(moment: int, built: Path, tmp_path: Path) -> None:
    folder = copy_workspace(built, tmp_path / "company")
    # from before its first import to after its exports, 30 s on an idle core
    began, after = time.monotonic(), Random(moment).uniform(0, 40)
    assert_closes_after_a_kill(folder, lambda: time.monotonic() - began > after)


def test_of_two_that_close_at_once_one_wins(built: Path, tmp_path: Path) -> None:
    folder = copy_workspace(built, tmp_path / "company")
    closing = [start_run(folder, "close", FIRST) for _ in range(2)]
    said = [process.communicate(timeout=900)[1] for process in closing]
    assert [process.returncode for process in closing] == [0, 0], said
    assert [each.month.isoformat() for each in open_ledger(load_workspace(folder)).months()] == [
        f"{FIRST}-01"
    ]
    assert told(folder, "audit", FIRST)[0]
