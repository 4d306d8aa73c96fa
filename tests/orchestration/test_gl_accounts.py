"""accounts.csv: under which account a line of chargeback.csv is posted."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from ingestion.reference.files import ReferenceError, read_reference
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.exports.months import export_open_months
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.source_states import SourceState, write_state
from tests.orchestration.small_warehouse import MODELS, write_warehouse, write_workspace

HEADER = "scope,scope_id,gl_account,dimensions,valid_from,valid_to\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(
            "create or replace table main.fct_cost_allocations as from main.fct_cost_allocations"
            " limit 0; insert into main.fct_cost_allocations by name select date '2026-09-01' as"
            " billing_month, 'x' as feature, t as team, 'pro' as tier, 'openai' as provider,"
            " 'org-a' as billing_account, c as residual_cause, b::decimal(38, 12) as billed_cost,"
            " b::decimal(38, 12) as billed_cost_in_billing_currency,"
            " date '2026-09-30' as usage_date, 0 as estimated_cost from (values"
            " ('search', null, 10.01), ('__unallocated__', 'tax', 3.34)) as rows (t, c, b)"
        )
    write_state(workspace, SourceState("prod", "ok"))
    return workspace


def accounts(workspace: Workspace, lines: str) -> list[str]:
    """gl_account of each row of chargeback.csv, by accounts.csv."""
    folder = Path(workspace.reference)
    folder.mkdir(exist_ok=True)
    (folder / "accounts.csv").write_text(HEADER + lines)
    rows = read_reference(workspace)["accounts"].to_pylist()
    origin = origin_of(workspace, accounts=json.dumps(rows, default=str))
    publish(workspace.warehouse, workspace.marts, MODELS, origin)
    export_open_months(workspace)
    with (Path(workspace.exports) / "2026-09" / "chargeback.csv").open(newline="") as file:
        found = {row["team"]: row["gl_account"] for row in csv.DictReader(file)}
    return [found[team] for team in ("__unallocated__", "hr", "search")]


def test_without_a_line_there_is_no_account(workspace: Workspace) -> None:
    assert accounts(workspace, "") == ["", "", ""]


def test_cause_goes_before_team_before_provider_before_default(workspace: Workspace) -> None:
    lines = "default,,1000,,,\n"
    assert accounts(workspace, lines) == ["1000", "1000", "1000"]
    lines += "provider,openai,2000,,,\n"
    assert accounts(workspace, lines) == ["2000", "2000", "2000"]
    # a team in any case; nobody has an account, too
    lines += "team,HR,3000,,,\nteam,__unallocated__,3999,,,\n"
    assert accounts(workspace, lines) == ["3999", "3000", "2000"]
    lines += "cause,tax,4000,,,\n"
    assert accounts(workspace, lines) == ["4000", "3000", "2000"]


def test_the_line_in_force_when_the_month_ends_holds(workspace: Workspace) -> None:
    lines = "default,,1,,,2026-09-30\ndefault,,2,,2026-09-30,2026-10-01\ndefault,,3,,2026-10-01,\n"
    assert accounts(workspace, lines) == ["2", "2", "2"]
    assert accounts(workspace, "default,,1,,,2026-09-30\n") == ["", "", ""]


def test_what_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    workspace = load_workspace(write_workspace(tmp_path).file)
    (tmp_path / "reference").mkdir()
    wrong = (
        "default,x,1,,,\nteam,,1,,,\ncause,taxes,1,,,\nvendor,openai,1,,,\nteam,hr,,,,\n"
        "team,it,1,Class,,\nteam,lab,1,a=1;a=2,,\nprovider,aws,1,a=1,,\nprovider,aws,2,,2026-01-01,\n"
        "team,ops,1,,,\nteam,Ops,1,,2026-01-01,\n"
    )
    (tmp_path / "reference" / "accounts.csv").write_text(HEADER + wrong)
    with pytest.raises(ReferenceError) as caught:
        read_reference(workspace)
    told = [line.partition("accounts.csv:")[2] for line in str(caught.value).splitlines()]
    assert [line[:43] for line in told] == [
        "2: scope_id: `x`: the default is everybody'",
        "3: scope_id: is empty: say which team",
        "4: scope_id: `taxes` is not one of outside_",
        "5: scope: `vendor` is not one of default, t",
        "6: gl_account: is empty: give a value",
        "7: dimensions: `Class` is not name=value;…,",
        "8: dimensions: `a=1;a=2` is not name=value;",
        "10: scope: `provider, aws` ties with line 9",
        "12: scope_id: `Ops` is `ops` of line 11 in ",
    ]
