"""What of a month is posted: chargeback.csv's rows under their accounts, corrections apart."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.reference.files import read_reference
from ingestion.workspace.sections.closing import JournalEntry
from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from orchestration.exports.journals.lines import JournalError
from orchestration.exports.journals.month import month_journals
from orchestration.exports.months import Journals
from orchestration.onboarding.journal_accounts import missing_accounts
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from tests.journals.vendor_pages import read
from tests.orchestration.small_warehouse import (
    MODELS,
    Chargeback,
    write_chargeback,
    write_warehouse,
    write_workspace,
)

HEADER = "scope,scope_id,gl_account,dimensions,valid_from,valid_to\n"
SEPTEMBER = date(2026, 9, 1)
ROWS: list[Chargeback] = [
    ("2026-09-01", "search", "CC1", "10.005", "0.005", "0", "-2.5", "billed"),
    ("2026-09-01", "hr", "CC2", "20.005", "0", "0", "2.5", "billed"),
    ("2026-09-01", "__unallocated__", None, "0", "3.335", "0", "0", "billed"),
]
CORRECTIONS = """
create or replace table main.mart_corrections as
select date '2026-09-01' as posting_month, m as billing_month, 'openai' as provider,
    'org-a' as billing_account, t as team, c as cost_center, r as reason,
    a::decimal(38, 12) as amount, 'posts' as status
from (values (date '2026-07-01', 'search', 'CC1', 'late_log', -2),
    (date '2026-08-01', 'search', 'CC1', 'late_log', -0.5),
    (date '2026-08-01', 'hr', 'CC2', 'late_log', 1.005),
    (date '2026-08-01', 'hr', 'CC2', 'exchange_rate', 1.495)) as rows (m, t, c, r, a);
create or replace table main.fct_cost_allocations as
select date '2026-09-01' as billing_month, 'x' as feature, t as team, 'pro' as tier,
    'openai' as provider, 'org-a' as billing_account, c as residual_cause,
    b::decimal(38, 12) as billed_cost, 0::decimal(38, 12) as estimated_cost
from (values ('search', null, 10.005), ('__unallocated__', 'tax', 2.335),
    ('__unallocated__', 'fee', 1), ('search', 'fee', 0.005)) as rows (t, c, b)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(connection, ROWS)
        connection.execute(CORRECTIONS)
        connection.execute("update main.mart_chargeback_monthly set phase = 'hard'")
    return workspace


def posted(
    workspace: Workspace,
    lines: str,
    layout: str = "netsuite",
    facts: Mapping[str, Any] | None = None,
) -> Journals:
    """September's journals, by these lines of accounts.csv."""
    folder = Path(workspace.reference)
    folder.mkdir(exist_ok=True)
    (folder / "accounts.csv").write_text(HEADER + lines)
    rows = read_reference(workspace)["accounts"].to_pylist()
    origin = origin_of(workspace, accounts=json.dumps(rows, default=str))
    publish(workspace.warehouse, workspace.marts, MODELS, origin)
    with open_marts(workspace.marts) as marts:
        return month_journals(marts, SEPTEMBER, [JournalEntry(layout, facts or {})])


def test_rows_are_posted_under_their_accounts_and_corrections_apart(workspace: Workspace) -> None:
    accounts = "default,,6100,,,\ncause,tax,2300,Class=Tax,,\npayable,openai,2100,Class=AP,,\n"
    accounts += "cause,exchange,7200,Class=FX,,\n"
    files, said = posted(workspace, accounts)
    [(name, data)] = files.items()
    assert name == "journals/netsuite/TB-202609.csv"
    read("netsuite", data)
    cells = [line.split(",") for line in data.decode().splitlines()[1:]]
    assert [(row[5], row[6], row[7], row[8], row[10], row[11]) for row in cells] == [
        ("6100", "1.00", "", "AI usage 2026-09 openai unallocated fee org-a", "", ""),
        ("2300", "2.34", "", "AI usage 2026-09 openai unallocated tax org-a", "", "Tax"),
        ("6100", "20.00", "", "AI usage 2026-09 openai Hr org-a", "CC2", ""),
        *_corrections(),
        ("2100", "", "33.35", "AI usage 2026-09 openai INV-9 org-a", "", "AP"),
    ]
    of = said["netsuite"]["files"][name]
    assert (of["lines"], of["debit"], of["credit"]) == (8, "35.85", "35.85")
    assert of["journals"] == ["TB-202609-001"]


def _corrections() -> list[tuple[str, ...]]:
    hr = "AI usage 2026-09 correction of 2026-08 openai Hr org-a"
    search = "AI usage 2026-09 correction of 2026-07"
    return [
        ("6100", "1.00", "", hr, "CC2", ""),
        ("7200", "1.50", "", "AI usage 2026-09 exchange rate 2026-08 openai Hr org-a", "CC2", "FX"),
        ("6100", "10.01", "", "AI usage 2026-09 openai Search org-a", "CC1", ""),
        ("6100", "", "2.50", f"{search} and 2026-08 openai Search org-a", "CC1", ""),
    ]


@pytest.mark.parametrize(
    ("accounts", "why"),
    [
        ("", "no account in 2026-09 for fee of team `__unallocated__` at openai: add the line"),
        ("team,hr,1,,,\npayable,,2,,,\n", "no account in 2026-09 for fee of team `__unalloc"),
        ("default,,1,,,2026-09-30\npayable,,2,,,\n", "no account in 2026-09 for fee of team"),
        ("default,,1,,,\n", "no account in 2026-09 for what openai is owed: add the line"),
        ("default,,1,,,\npayable,aws,2,,,\n", "no account in 2026-09 for what openai is owed"),
    ],
)
def test_money_without_an_account_is_refused(workspace: Workspace, accounts: str, why: str) -> None:
    with pytest.raises(JournalError, match=why):
        posted(workspace, accounts)


def test_teams_of_other_phases_are_not_posted(workspace: Workspace) -> None:
    accounts = "team,hr,6100,,,\npayable,,2100,,,\n"
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(
            "update main.mart_chargeback_monthly"
            " set phase = case team when 'search' then 'soft' else 'showback' end"
        )
    files, said = posted(workspace, accounts)
    assert files == {} and said["netsuite"]["files"] == {}
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(
            "update main.mart_chargeback_monthly set phase = 'hard' where team = 'hr'"
        )
    # nobody's money has no account, and needs none
    files, _ = posted(workspace, accounts)
    [found] = [read("netsuite", data) for data in files.values()]
    lines = [("6100", 20), ("6100", 1), ("6100", 1.5), ("2100", -22.5)]
    assert found.journals == {"TB-202609-001": lines}


def test_no_entry_posts_nothing(workspace: Workspace) -> None:
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    with open_marts(workspace.marts) as marts:
        assert month_journals(marts, SEPTEMBER, []) == ({}, {})


def test_check_tells_which_accounts_a_close_will_ask_for(tmp_path: Path) -> None:
    workspace = settings(tmp_path, "journals:\n  - {layout: netsuite}\n")
    billed = [("openai", "org-a"), ("anthropic", "org-b"), ("openai", "org-c")]

    def told(lines: str, phase: str = "hard") -> list[str]:
        folder = Path(workspace.reference)
        folder.mkdir(exist_ok=True)
        (folder / "accounts.csv").write_text(HEADER + lines)
        (folder / "chargeback_phases.csv").write_text(f"team_id,phase\nhr,{phase}\n")
        return missing_accounts(workspace, read_reference(workspace), billed)

    payable = "journals: accounts.csv has no account for what "
    assert [line.removeprefix(payable).split()[0] for line in told("payable,OpenAI,1,,,\n")] == [
        "anthropic",
        "journals:",
    ]
    assert told("payable,,1,,,\ndefault,,2,,,\n") == []
    assert len(told("default,,2,,,\n")) == 2
    assert told("payable,,1,,,\ndefault,,2,,,\n", "soft") == [
        "journals: chargeback_phases.csv has no team in phase hard: until one is, nothing is posted"
    ]
    assert missing_accounts(write_workspace(tmp_path), read_reference(workspace), billed) == []


def settings(folder: Path, journals: str) -> Workspace:
    workspace = write_workspace(folder)
    with workspace.file.open("a") as file:
        file.write(journals)
    return load_workspace(folder)


def test_entries_are_read_with_what_their_layout_asks(tmp_path: Path) -> None:
    [first, second] = settings(
        tmp_path,
        "journals:\n"
        "  - {layout: netsuite, subsidiary: ACME, columns: {Location: , Class: Klasse}}\n"
        '  - {layout: oracle_fusion, ledger_id: 3, source: T, category: AI, segments: ["01"]}\n',
    ).journals
    assert first.facts == {"subsidiary": "ACME", "columns": {"Location": None, "Class": "Klasse"}}
    assert second.facts["segments"] == ["01"] and second.facts["ledger_id"] == "3"
    assert write_workspace(tmp_path / "none").journals == ()


def test_what_is_wrong_with_an_entry_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        settings(
            tmp_path,
            "journals:\n  - {layout: sage}\n  - {layout: xero}\n"
            "  - {layout: netsuite, prefix: TOLLBOOK, tax_rate: x}\n  - {layout: netsuite}\n"
            "  - {layout: netsuite}\n  - {layout: workday, company: A, journal_source: B,"
            " date_format: D.M.Y}\n  - {layout: quickbooks, vendors: [a]}\n",
        )
    told = [line.partition("tollbook.yaml:")[2] for line in str(caught.value).splitlines()]
    assert [line[:58] for line in told] == [
        "5: `layout: sage` is not one of netsuite, oracle_fusion, s",
        "6: `xero` of `journals` needs `tax_rate`: add it",
        "7: unknown key `tax_rate` in `netsuite` of `journals`: kno",
        "7: `prefix: TOLLBOOK`: 1 to 5 letters and digits",
        "8: layout `netsuite` is given twice in `journals`: keep on",
        "9: layout `netsuite` is given twice in `journals`: keep on",
        "10: `date_format: D.M.Y` is not one of YYYY-MM-DD, MM/DD/Y",
        "11: `vendors` must be a mapping of `key: value` lines",
    ]


def test_a_journal_has_teams_of_phase_hard_and_nothing_that_is_disputed(
    workspace: Workspace,
) -> None:
    """Months 1 to 3 no lines, 4 to 6 a statement, 7 a journal: by the phase of each team."""
    lines = "default,,6100,,,\npayable,,2100,,,\n"

    def accounts_of(phases: Mapping[str, str]) -> list[str]:
        with duckdb.connect(workspace.warehouse) as connection:
            connection.execute("update main.mart_chargeback_monthly set phase = 'showback'")
            for team, phase in phases.items():
                connection.execute(
                    "update main.mart_chargeback_monthly set phase = ? where team = ?",
                    [phase, team],
                )
        files, _ = posted(workspace, lines)
        return [row["Department"] for data in files.values() for row in read_rows(data)]

    assert accounts_of({"search": "showback", "hr": "soft"}) == []
    assert set(accounts_of({"search": "showback", "hr": "hard"})) == {"CC2", ""}
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(
            "update main.mart_chargeback_monthly set status = 'held' where team = 'hr'"
        )
    assert accounts_of({"hr": "hard"}) == []


def read_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))
