"""What is not an estimate is not accrued: refused in a sentence that says what to do."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.settings import Workspace
from orchestration.closing import in_the_way
from orchestration.closing.accrue import Accrued, accrue_month
from orchestration.ledger.books import LedgerError, open_accruals, open_ledger
from orchestration.publishing.marts import open_marts
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import (
    MODELS,
    ORIGIN,
    write_chargeback,
    write_warehouse,
    write_workspace,
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """As a whole run left it."""
    monkeypatch.setattr(in_the_way, "built", lambda _: [])
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    return workspace


def with_statuses(workspace: Workspace, **statuses: str) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        write_chargeback(
            connection,
            [
                (f"2026-{month[1:]}-01", "hr", "CC1", "7", "0", "0", "0", status)
                for month, status in statuses.items()
            ],
        )
        connection.execute(
            "insert into main.mart_month_completeness values ('2026-08-01', 'prod', 'cut_objects',"
            " '3 objects cannot be read to their end', 4, null, null, true)"
        )
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    with open_marts(workspace.marts) as connection:
        assert connection.execute("select 1 from mart_chargeback_monthly").fetchall()


@pytest.mark.parametrize(
    ("month", "why"),
    [
        ("2026-05", "2026-05 is not accrued: the marts have no such month: they have 2026-08"),
        ("2026-08", "2026-08 is not accrued: .*2026-08 is incomplete"),
        ("2026-09", "2026-09 is not accrued: it is billed, no estimate: `tollbook close 2026-09`"),
        ("2026-10", "2026-10 is not accrued: 2026-10 is not tied to its invoices: openai org-a"),
        ("2999-01", "2999-01 is not accrued: it ends on 2999-01-31"),
    ],
)
def test_a_month_that_is_no_estimate(workspace: Workspace, month: str, why: str) -> None:
    with_statuses(workspace, m08="incomplete", m09="billed", m10="not_tied")
    with pytest.raises(LedgerError, match=why):
        accrue_month(workspace, date.fromisoformat(f"{month}-01"))
    assert not Path(workspace.ledger).exists()


def test_months_are_accrued_in_their_order(workspace: Workspace) -> None:
    with_statuses(workspace, m07="accrued", m09="estimated", m10="estimated")
    open_accruals(workspace).write(date(2026, 7, 1), {}, {})
    with pytest.raises(LedgerError, match="2026-09 is open: months close in their order"):
        accrue_month(workspace, date(2026, 10, 1))


def test_a_month_that_is_closed(workspace: Workspace) -> None:
    with_statuses(workspace, m09="closed")
    open_ledger(workspace).write(date(2026, 9, 1), {}, {})
    with pytest.raises(LedgerError, match="2026-09 is not accrued: it is closed: `tollbook diff"):
        accrue_month(workspace, date(2026, 9, 1))
    assert open_accruals(workspace).months() == []


def test_of_two_that_accrue_at_once_one_wins(workspace: Workspace) -> None:
    accruals, month = open_accruals(workspace), date(2026, 9, 1)
    assert accruals.write(month, {"a.parquet": b"a"}, {"by": "one"})
    assert not accruals.write(month, {"a.parquet": b"b"}, {"by": "two"})
    [held] = accruals.months()
    [path] = held.files
    assert held.said["by"] == "one" and accruals.verified_bytes(held, path) == b"a"


@pytest.mark.parametrize(("currency", "told"), [("USD", "927.72 USD"), ("JPY", "928 JPY")])
def test_what_is_accrued_is_told_as_it_is_posted(currency: str, told: str) -> None:
    amount = Decimal("927.71549965475")
    accrued = Accrued(date(2026, 10, 1), True, "ledger", amount, currency, date(2026, 11, 1), 0)
    assert accrued.told() == f"2026-10 accrued: {told}, reversed on 2026-11-01: ledger"
