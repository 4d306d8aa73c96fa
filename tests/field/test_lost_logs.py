"""Months on lost logs: unreadable, cut or absent ones hold a month back until a person accepts it."""

import pytest

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [
        call(f"2026-10-{day:02}T10:00:00Z", "gpt-4o", 100, provider="openai", key="key")
        for day in range(1, 31)
        if not 10 <= day <= 20
    ]
    lines = [
        line(f"2026-10-{day:02}", "gpt-4o-2024-08-06, input", "1.00", 100) for day in range(1, 31)
    ]
    files = {f"logs/{c['timestamp'][:10]}/a.jsonl": log([c]) for c in calls} | {
        "openai/costs.json": costs(*lines)
    }
    return Company(project, write_company(tmp_path_factory.mktemp("gap"), files))


def test_x(company: Company) -> None:
    print(company.query("from mart_month_completeness"))
    print(company.query("select distinct status from mart_chargeback_monthly"))
    print(company.query("from mart_quarantine"))
