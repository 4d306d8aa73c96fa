"""An open month's files stay where they are what they would be, and are written again where not."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.storage.objects import LocalStorage
from ingestion.workspace.settings import Workspace
from orchestration.exports import made_of
from orchestration.exports.as_written import FilesAsWritten
from orchestration.exports.months import export_month, export_open_months
from orchestration.publishing.origin import Origin
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_warehouse, write_workspace

BOTH = ["2026-09", "2026-10"]
NOVEMBER = (
    "insert into main.mart_chargeback_monthly select * replace (date '2026-11-01' as billing_month,"
    " 'billed' as status) from main.mart_chargeback_monthly where billing_month = '2026-10-01'"
)
CORRECTION = (
    "insert into main.mart_corrections values ('2026-08-01', '2026-{month}-01', 'openai', 'org-a',"
    " 'hr', 'C', 'f', 'price', 'owners', '{status}', 1, 'USD')"
)
# what changes in the marts -> the months whose files are made anew
CHANGES: dict[str, tuple[str, list[str]]] = {
    "showback of a month, which the next one compares with": (
        "update main.mart_showback_monthly set requests = 4 where team = 'search'",
        BOTH,
    ),
    "chargeback of the last month": (
        "update main.mart_chargeback_monthly set team_name = 'HR' where team = 'search'"
        " and billing_month = '2026-10-01'",
        ["2026-10"],
    ),
    "a newer month": (NOVEMBER, ["2026-11"]),
    "rows that are told of no month": (
        "insert into main.dim_attribution_rules values ('r', 1, 'used', 5, 1)",
        BOTH,
    ),
    "use without a price that began in the month before and ends in this one": (
        "insert into main.mart_unpriced_usage values (1, 'openai', 'm', 'default', 'input', 'why',"
        " 3, 10, '2026-08-03', '2026-09-02')",
        BOTH,
    ),
    "the same of the last month alone": (
        "insert into main.mart_unpriced_usage values (1, 'openai', 'm', 'default', 'input', 'why',"
        " 3, 10, '2026-10-03', '2026-10-04')",
        ["2026-10"],
    ),
    "an allocation of the next month whose day is shown in the month before": (
        "update main.fct_cost_allocations set quantity = 9 where billing_month = '2026-10-01'",
        BOTH,
    ),
    "the rate of a month's invoice": (
        "update main.mart_reconciliation_monthly set fx_rate_id = 'a' where billing_month ="
        " '2026-10-01'",
        ["2026-10"],
    ),
    "a correction that the last month posts": (
        CORRECTION.format(month="10", status="posts"),
        ["2026-10"],
    ),
    "a correction that waits for its month": (
        CORRECTION.format(month="11", status="waits"),
        [],
    ),
    "how often a likely misspelling is used, which no page says": (
        "update main.mart_likely_misspellings set requests = 9",
        [],
    ),
    "what it reads like": (
        "update main.mart_likely_misspellings set likely_owner = 'sales'",
        BOTH,
    ),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute("alter table main.mart_likely_misspellings add column requests bigint")
        connection.execute(
            "insert into main.mart_likely_misspellings values ('feature', 'x', 'y', 8)"
        )
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    assert written(workspace) == BOTH
    return workspace


def written(workspace: Workspace) -> list[str]:
    return [month.month for month in export_open_months(workspace) if not month.stands]


def change(workspace: Workspace, sql: str, origin: Origin = ORIGIN) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(sql)
    publish(workspace.warehouse, workspace.marts, MODELS, origin)


def files(workspace: Workspace) -> Mapping[str, bytes]:
    folder = Path(workspace.exports)
    found = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


def from_nothing(workspace: Workspace) -> Mapping[str, bytes]:
    """As who has neither files nor notes exports the same marts."""
    home = workspace.file.parent / "anew"
    anew = replace(workspace, file=home / "tollbook.yaml", exports=str(home / "exports"))
    assert all(not month.stands for month in export_open_months(anew))
    return files(anew)


def test_files_that_are_as_they_would_be_are_not_touched(workspace: Workspace) -> None:
    exported = export_open_months(workspace)
    assert [month.stands for month in exported] == [True, True]
    assert exported[1].status == "not_tied"
    assert "not tied" in exported[1].refused
    before = {file: file.stat().st_ino for file in Path(workspace.exports).rglob("*")}
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    assert written(workspace) == []
    assert {file: file.stat().st_ino for file in Path(workspace.exports).rglob("*")} == before
    # who asks for a month gets it written
    assert not export_month(workspace, date(2026, 10, 1)).stands
    assert written(workspace) == []
    assert files(workspace) == from_nothing(workspace)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_marts_makes_the_months_anew_that_may_tell_it(
    workspace: Workspace, name: str
) -> None:
    sql, months = CHANGES[name]
    change(workspace, sql)
    assert written(workspace) == months
    assert files(workspace) == from_nothing(workspace)
    assert written(workspace) == []


@pytest.mark.parametrize(
    "origin",
    [
        replace(ORIGIN, company="Acme & Sons"),
        replace(ORIGIN, locale="de"),
        replace(ORIGIN, failed_sources={"prod": "logs: no such folder"}),
        replace(ORIGIN, accounts='[{"scope": "default"}]'),
    ],
)
def test_settings_make_all_months_anew(workspace: Workspace, origin: Origin) -> None:
    if origin.accounts != ORIGIN.accounts:
        line = {"scope": "default", "scope_id": "", "gl_account": "6100", "dimensions": ""}
        days = {"valid_from": "1970-01-01 00:00:00", "valid_to": "9999-01-01 00:00:00", "line": 2}
        origin = replace(origin, accounts=json.dumps([line | days]))
    change(workspace, "select 1", origin)
    assert written(workspace) == BOTH
    assert files(workspace) == from_nothing(workspace)


def test_another_release_makes_all_months_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_of, "release", lambda: "the next one")
    assert written(workspace) == BOTH
    assert written(workspace) == []


@pytest.mark.parametrize(
    ("spoil", "months"),
    [
        (lambda folder: (folder / "2026-09" / "showback.csv").write_text("mine"), ["2026-09"]),
        (lambda folder: (folder / "2026-10" / "manifest.json").unlink(), ["2026-10"]),
        (lambda folder: (folder / "2026-10" / "chargeback.csv").write_text("x"), ["2026-10"]),
        (lambda folder: _put(folder / "2026-09" / "teams" / "gone" / "showback.csv"), ["2026-09"]),
        (lambda folder: _put(folder / "2026-09" / "site" / "teams" / "gone.html"), ["2026-09"]),
        (lambda folder: _put(folder.parent / ".tollbook" / "open_exports.json"), BOTH),
        (lambda folder: (folder / "2026-09" / "notes.txt").write_text("mine"), []),
    ],
)
def test_what_somebody_did_to_the_files_is_put_right(
    workspace: Workspace, spoil: Callable[[Path], object], months: Collection[str]
) -> None:
    spoil(Path(workspace.exports))
    assert written(workspace) == months
    left = {name: data for name, data in files(workspace).items() if "notes.txt" not in name}
    assert left == from_nothing(workspace)


def _put(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{")


@pytest.mark.parametrize("cut", ["between files", "before the note"])
def test_a_run_that_was_cut_off_leaves_no_note_of_files_that_are_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """Also where the marts are again what they were when the note was written."""
    before = files(workspace)
    change(workspace, "update main.mart_showback_monthly set requests = requests + 1")
    with monkeypatch.context() as patched:
        if cut == "before the note":
            patched.setattr(FilesAsWritten, "save", killed)
        else:
            patched.setattr(LocalStorage, "put_all", _put_half)
        with pytest.raises(KeyboardInterrupt):
            export_open_months(workspace)
    assert files(workspace) != before
    change(workspace, "update main.mart_showback_monthly set requests = requests - 1")
    assert "2026-09" in written(workspace)
    assert files(workspace) == before


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def _put_half(self: LocalStorage, files: Mapping[str, bytes], gone: Collection[str]) -> None:
    for name in sorted(files)[: len(files) // 2]:
        self.put(name, files[name])
    killed(gone)
