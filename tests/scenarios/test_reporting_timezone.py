"""The calendar of showback: what is spent stands on one local day, also on days of 23 and 25 hours.

BerriAI/litellm#29568: in another timezone than UTC a day counted twice, and days summed to more
than their range.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.exports.tables import CALENDAR
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company
from tests.scenarios.test_chargeback_phases import MODEL, SETTINGS

# clocks of Los Angeles go forward on 8 March, and back on 1 November
DAYS: Final = [date(2026, month, day) for month, day in ((3, 7), (3, 8), (3, 9))]
DAYS_BACK: Final = [date(2026, month, day) for month, day in ((10, 31), (11, 1), (11, 2))]
INVOICES: Final = "provider,billing_account,invoice_id,billing_month,amount,currency\n"


def company(
    compiled: Callable[[Workspace], CompiledProject], folder: Path, zone: str
) -> OwnCompany:
    """A request of 1.00 in each hour of six UTC days, billed by UTC day."""
    days = [*DAYS, *DAYS_BACK]
    starts = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    calls = [
        call((start + timedelta(hours=hour)).isoformat(), MODEL, 100, key="k1")
        for start in starts
        for hour in range(24)
    ]
    months = {f"{day:%Y-%m}": sum(24 for other in days if other.month == day.month) for day in days}
    files = {
        "logs/all.ndjson": log(calls),
        "openai/all.json": costs(
            *(line(day.isoformat(), f"{MODEL}, input", "24.00", 2400, "k1") for day in days)
        ),
        "reference/invoices.csv": INVOICES
        + "".join(f"openai,org-o,I-{month},{month},{sum_},USD\n" for month, sum_ in months.items()),
        "reference/credentials.csv": "source,credential_id,team_id,feature\nproxy,k1,red,chat\n",
    }
    write_company(folder, files, f"timezone: {zone}\n{SETTINGS}")
    return OwnCompany(compiled, folder)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        # 7 March begins at 08:00 UTC, 9 March at 07:00; 1 November at 07:00, 2 November at 08:00
        ("America/Los_Angeles", [8, 24, 23, 17, 7, 24, 25, 16]),
        # 9 hours before UTC, without a change
        ("Asia/Tokyo", [15, 24, 24, 9, 15, 24, 24, 9]),
    ],
)
def test_spend_is_counted_once_in_every_timezone(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path, zone: str, hours: list[int]
) -> None:
    books = company(compiled, tmp_path / "company", zone)
    days = books.query(
        "select showback_date, sum(billed_cost) from fct_cost_allocations group by 1 order by 1"
    )
    assert [cost for _, cost in days] == [Decimal(each) for each in hours]
    total = Decimal(6 * 24)
    assert sum(cost for _, cost in days) == total
    # days are those of the months of showback; with the calendar's line, those of the invoices
    owners = f"from mart_showback_monthly where line_kind <> '{CALENDAR}'"
    of_months = books.query(
        f"select showback_month, sum(billed_cost) {owners} group by 1 order by 1"
    )
    assert of_months == [
        (month, sum(cost for day, cost in days if day.replace(day=1) == month))
        for month in sorted({day.replace(day=1) for day, _ in days})
    ]
    assert books.value(f"select sum(requests) {owners}") == 6 * 24
    billed = (
        "select billing_month, sum(total_cost) from mart_chargeback_monthly group by 1 order by 1"
    )
    whole = (
        "select showback_month, sum(billed_cost) from mart_showback_monthly group by 1 order by 1"
    )
    assert books.query(billed) == [row for row in books.query(whole) if row[1]]
    # one request of a day, asked for by either calendar
    for relation, day in (("fct_requests", "showback_date"), ("fct_requests", "usage_date")):
        rows = books.query(f"select {day}, count(*) from {relation} group by 1")
        assert sum(count for _, count in rows) == 6 * 24
