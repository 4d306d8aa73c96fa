"""What a team disputes is on hold: not posted, in the vendor's total still, and let go later."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.cents.posted import posted_lines
from orchestration.checks.month_status import month_statuses
from orchestration.exports.tables import chargeback
from orchestration.summary.disputes import on_hold
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.test_corrections import OCTOBER, SEPTEMBER, Closing, late

pytestmark = pytest.mark.whole

HEADER: Final = "month,team_id,feature,amount,opened_at,reason,resolved_at,outcome\n"
# 60.00 and 40.00 of September, 40.00 of October: see Closing
RED: Final = "2026-09,Red,chat,,2026-10-02,not ours"
Rows = list[tuple[Any, ...]]


@pytest.fixture
def closing(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Closing:
    return Closing(compiled, tmp_path / "company")


def disputes(*rows: str) -> dict[str, str]:
    return {"reference/disputes.csv": HEADER + "".join(f"{row}\n" for row in rows)}


def lines(company: Closing, month: date) -> Rows:
    """What leaves of it: team, status, total; every line, in cents."""
    table = chargeback(company.company.connection, month, "billed", "USD")
    names = list(table.columns)
    wanted = [names.index(name) for name in ("team", "status", "total")]
    return sorted(tuple(row[place] for place in wanted) for row in table.rows)


def test_a_dispute_of_an_open_month_holds_its_part_and_nothing_else(closing: Closing) -> None:
    closing.change(disputes("2026-10,red,chat,12.50,2026-11-02,too much,,"))
    connection = closing.company.connection
    assert lines(closing, OCTOBER) == [
        ("red", "billed", Decimal("27.50")),
        ("red", "held", Decimal("12.50")),
    ]
    assert month_statuses(connection)[OCTOBER] == "billed"
    assert on_hold(connection, OCTOBER, "USD") == [
        "2026-10, red: 12.50 USD is on hold and not posted (too much)"
    ]
    # closed, it stays; then the dispute is resolved and it posts with the next month
    closing.close(OCTOBER)
    assert lines(closing, OCTOBER) == [
        ("red", "closed", Decimal("27.50")),
        ("red", "held", Decimal("12.50")),
    ]
    assert [row[0] for row in closing.company.query("select status from mart_disputes")] == [
        "posted"
    ]
    closing.change(disputes("2026-10,red,chat,12.50,2026-11-02,too much,2026-11-20,stands"))
    statuses = "select status, amount from mart_disputes order by all"
    assert closing.company.query(statuses) == [
        ("no_open_month", Decimal("-12.50")),
        ("posted", Decimal("12.50")),
    ]


def test_a_dispute_of_a_closed_month_is_held_and_let_go_by_corrections(closing: Closing) -> None:
    before = lines(closing, SEPTEMBER)
    closing.change(disputes(f"{RED},,"))
    assert lines(closing, SEPTEMBER) == before
    assert lines(closing, OCTOBER) == [
        ("red", "billed", Decimal("-20.00")),
        ("red", "held", Decimal("60.00")),
    ]
    # resolved before October closes it is as if nothing had been
    closing.change(disputes(f"{RED},2026-10-20,stands"))
    assert lines(closing, OCTOBER) == [("red", "billed", Decimal("40.00"))]
    assert closing.company.query("select status, amount from mart_disputes") == [
        ("resolved", Decimal(0))
    ]


def test_only_what_is_named_is_held(closing: Closing) -> None:
    closing.change(
        disputes(
            "2026-10,red,search,,2026-11-02,not ours,,",
            "2026-10,blue,,,2026-11-02,not ours,,",
            "2026-10,red,chat,,2026-11-02,not ours,,",
        )
        | late(400, "k2", "2026-10-05T11:00:00Z")
    )
    # of 40.00 half is blue's now
    assert lines(closing, OCTOBER) == [
        ("blue", "billed", Decimal("0.00")),
        ("blue", "held", Decimal("20.00")),
        ("red", "billed", Decimal("0.00")),
        ("red", "held", Decimal("20.00")),
    ]
    posted = posted_lines(closing.company.connection, OCTOBER, 10**10)
    assert sum(each.total for each in posted) == 4000
    told = on_hold(closing.company.connection, OCTOBER, "USD")
    assert "2026-10, red disputes what it has no line of: see disputes.csv (not ours)" in told
