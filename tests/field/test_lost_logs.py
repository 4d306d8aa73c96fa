"""Months on lost logs, unreadable, cut or absent, are incomplete until a person accepts it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

OCTOBER = range(1, 32)


def objects(days: range) -> dict[str, str]:
    """An object a day, of one call with the key `key`."""
    return {
        f"logs/2026-10-{day:02}/a.jsonl": log(
            [call(f"2026-10-{day:02}T10:00:00Z", "gpt-4o", 100, provider="openai", key="key")]
        )
        for day in days
    }


def status(company: Company) -> dict[str, str]:
    sql = "select distinct strftime(billing_month, '%Y-%m'), status from mart_chargeback_monthly"
    return dict(company.query(sql))


def without(lost: range) -> dict[str, str]:
    return {k: v for k, v in objects(OCTOBER).items() if k not in objects(lost)}


@pytest.fixture(scope="module")
def bill() -> dict[str, str]:
    """A dollar a day on the key `key`."""
    lines = [line(f"2026-10-{day:02}", "gpt-4o-2024-08-06, input", "1.00", 100) for day in OCTOBER]
    return {"openai/costs.json": costs(*lines)}


def test_days_of_a_month_that_were_deleted_make_it_incomplete(
    project: CompiledProject, bill: dict[str, str], tmp_path: Path
) -> None:
    company = Company(project, write_company(tmp_path, without(range(10, 21)) | bill))
    assert status(company) == {"2026-10": "incomplete"}
    columns = "gateway, reason, first_day, last_day, uncovered_cost, accepting_line"
    assert company.query(f"select {columns} from mart_month_completeness") == [
        (
            *("proxy", "silent_days", date(2026, 10, 10), date(2026, 10, 20), Decimal(11)),
            "proxy,2026-10-10,2026-10-21,<who>,<why>",
        )
    ]
