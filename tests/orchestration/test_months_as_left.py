"""Months of marts that are as their publish left them are told by what they were built of."""

from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.settings import load_workspace
from orchestration.checks.month_status import month_statuses
from orchestration.exports import made_of
from orchestration.exports.made_of import MadeOf
from orchestration.publishing.as_published import is_as_published
from orchestration.publishing.marts import open_marts
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import MODELS, ORIGIN
from tests.orchestration.test_kept_months import (
    OCTOBER,
    SEPTEMBER,
    TABLE,
    assert_as_from_nothing,
    change,
    marts_of,
    months,
    publish_again,
    published,
)

UNTOLD = f"update {TABLE} set billed_cost = 99 where billing_month = '{{}}'"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return published(tmp_path / "company")


def costs(warehouse: Path, month: str) -> set[float]:
    with duckdb.connect(marts_of(warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"select billed_cost from {TABLE} where billing_month = '{month}'"
        ).fetchall()
    return {float(cost) for (cost,) in rows}


def test_a_month_that_is_built_of_the_same_is_not_read(warehouse: Path) -> None:
    # what no build does shows that nobody looks
    change(warehouse, UNTOLD.format(SEPTEMBER))
    build_again(warehouse, OCTOBER, "another")
    change(warehouse, UNTOLD.format(OCTOBER))
    publish_again(warehouse)
    assert costs(warehouse, SEPTEMBER) == {33.35}
    assert costs(warehouse, OCTOBER) == {99}
    assert months(warehouse) == [SEPTEMBER, "2026-11-01", OCTOBER]


def build_again(warehouse: Path, month: str, of: str) -> None:
    change(
        warehouse,
        f"update built.built_months set month_hash = '{of}' where billing_month = '{month}'",
    )


def test_rows_are_compared_where_a_month_is_built_of_others_and_is_the_same(
    warehouse: Path,
) -> None:
    build_again(warehouse, SEPTEMBER, "another")
    publish_again(warehouse)
    assert months(warehouse) == [SEPTEMBER, OCTOBER, "2026-11-01"]
    # from here on it is told by that
    change(warehouse, UNTOLD.format(SEPTEMBER))
    publish_again(warehouse)
    assert costs(warehouse, SEPTEMBER) == {33.35}


def test_a_month_that_is_not_built_in_whole_is_read(warehouse: Path, tmp_path: Path) -> None:
    forgotten = f"delete from built.built_months where billing_month = '{SEPTEMBER}'"
    for rounds in range(2):
        change(warehouse, forgotten, f"update {TABLE} set billed_cost = {rounds}")
        build_again(warehouse, OCTOBER, f"{rounds}")
        build_again(warehouse, "2026-11-01", f"{rounds}")
        publish_again(warehouse)
        assert costs(warehouse, SEPTEMBER) == {rounds}
    assert_as_from_nothing(warehouse, tmp_path)


@pytest.mark.parametrize("when", ["never noted", "noted of the file before"])
def test_without_the_note_of_this_file_rows_are_compared(warehouse: Path, when: str) -> None:
    """A run that is killed between its publish and the note leaves that of the file before."""
    workspace = load_workspace(warehouse.parent)
    note = workspace.file.parent / ".tollbook" / "published"
    if when == "never noted":
        note.unlink()
    else:
        left = partial(is_as_published, workspace)
        publish(warehouse, workspace.marts, MODELS, ORIGIN, is_as_left=left)
    assert not is_as_published(workspace)
    change(warehouse, UNTOLD.format(SEPTEMBER))
    publish_again(warehouse)
    assert costs(warehouse, SEPTEMBER) == {99}
    assert is_as_published(workspace)


def test_columns_of_another_release_are_written_whatever_is_noted(
    warehouse: Path, tmp_path: Path
) -> None:
    change(warehouse, f"alter table {TABLE} add column region varchar default 'eu'")
    publish_again(warehouse)
    assert_as_from_nothing(warehouse, tmp_path)


def test_an_edit_while_the_marts_are_copied_is_seen(warehouse: Path) -> None:
    """Whether the file is as it was left is asked after the copy is made."""
    workspace = load_workspace(warehouse.parent)

    def edited_meanwhile() -> bool:
        change(workspace.marts, "select 1", f"delete from {TABLE}")
        return is_as_published(workspace)

    publish(warehouse, workspace.marts, MODELS, ORIGIN, is_as_left=edited_meanwhile)
    assert months(warehouse) == [SEPTEMBER, OCTOBER, "2026-11-01"]


def test_exports_are_made_of_the_same_whoever_hashed_the_rows(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(warehouse, f"update {TABLE} set showback_date = '2026-12-01' where team = 'hr'")
    for each in (SEPTEMBER, OCTOBER, "2026-11-01"):
        build_again(warehouse, each, "another")
    publish_again(warehouse)
    read = []
    groups = made_of._groups

    def noticed(connection: duckdb.DuckDBPyConnection, table: str) -> list[made_of.Group]:
        read.append(table)
        return groups(connection, table)

    monkeypatch.setattr(made_of, "_groups", noticed)
    with open_marts(marts_of(warehouse)) as connection:
        statuses = month_statuses(connection)
        told, hashed = (MadeOf(connection, statuses, as_left=each) for each in (True, False))
        assert date(2026, 9, 1) in statuses
        assert [told.of(month) for month in statuses] == [hashed.of(month) for month in statuses]
    assert read.count("fct_cost_allocations") == 1
