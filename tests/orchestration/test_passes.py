"""More requests than a build takes in hand at once: the request stage is built pass by pass."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.workspace.settings import Workspace
from orchestration.dbt import passes
from tests.orchestration.small_warehouse import write_workspace

DAYS = """
create schema landing; create schema intermediate; create schema built; create schema seen;
create table landing.objects (kind varchar, landed bigint, is_current boolean);
-- rows of a bill and of replaced objects are in no pass
insert into landing.objects
values ('gateway', 600, true), ('gateway', 500, false), ('bill', 5000, true),
    ('counters', 700, true);
create table built.built_days (usage_date date, day_hash varchar);
create table seen.decided_days (source varchar, start_day date, start_hash varchar);
create table intermediate.int_start_days as
select 'g' as source, date '2026-10-01' + cast(i as integer) as start_day, 'h' as start_hash
from range(6) as days(i);
create table intermediate.int_day_inputs as
select date '2026-10-01' + cast(i as integer) as usage_date, 'h' as day_hash, 100 as requests
from range(6) as days(i)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = write_workspace(tmp_path)
    with duckdb.connect(made.warehouse) as connection:
        connection.execute(DAYS)
    return made


def took(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, in_hand: int | None) -> list[int]:
    """Changed days that were left before each pass, where each makes what it has in hand."""

    def built(
        _: Workspace, __: Any, command: list[str], hear: Any, ___: Any, taken: int, *_more: Any
    ) -> str:
        hear(command)
        with duckdb.connect(workspace.warehouse) as connection:
            if "+int_record_days" in command:
                connection.execute(
                    "insert into seen.decided_days select * from intermediate.int_start_days"
                    " anti join seen.decided_days using (start_day) order by start_day limit 3"
                )
            if "run" not in command:
                connection.execute(
                    "insert into built.built_days select usage_date, day_hash from"
                    " intermediate.int_day_inputs anti join built.built_days using (usage_date)"
                    f" order by usage_date limit {max(taken // 100, 1)}"
                )
        return "made"

    monkeypatch.setattr(passes, "invoke_dbt", built)
    monkeypatch.setattr(passes, "dbt_manifest", lambda _: None)
    heard: list[Any] = []
    before = passes.passes_before(workspace, in_hand, lambda: heard.append)
    left = [left for _, left in before]
    assert len(heard) == len(left)
    return left


@pytest.mark.parametrize("in_hand", [None, 600, 1000])
def test_what_fits_at_once_is_the_whole_build_s(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, in_hand: int | None
) -> None:
    assert took(workspace, monkeypatch, in_hand) == []


@pytest.mark.parametrize(
    # which records stand is decided in two rounds; a pass takes seven tenths
    ("in_hand", "left"),
    [(500, [0, 0, 0, 3]), (300, [0, 0, 0, 4, 2]), (10, [0, 0, 0, 5, 4, 3, 2, 1])],
)
def test_passes_go_on_until_the_rest_fits(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, in_hand: int, left: list[int]
) -> None:
    assert took(workspace, monkeypatch, in_hand) == left


def test_days_that_stand_are_in_no_pass(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(
            "insert into built.built_days select usage_date, day_hash from"
            " intermediate.int_day_inputs where usage_date < '2026-10-05'"
        )
    assert took(workspace, monkeypatch, 300) == [0, 0, 0]
