"""OpenRouter's activity as it is pulled day by day: the newest pull of a day is its money."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingestion.bills.bill_pages import pull_json
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

pytestmark = pytest.mark.whole

GPT = "openai/gpt-4.1"
SETTINGS = """\
company: Router
gateways:
  - {name: proxy, format: generic, location: logs, columns: {gateway_team: team}}
bills:
  - name: router
    format: openrouter
    account: org-r
    location: router
    api: {base_url: "https://openrouter.ai", key: "env:NOBODY_PULLS"}
"""
CALLS = (
    call("2026-10-31T10:00:00Z", GPT, 900, 100, provider="openrouter", team="chat"),
    call("2026-11-02T10:00:00Z", GPT, 900, 100, provider="openrouter", team="search"),
)
SPENT = """
    select strftime(usage_date, '%m-%d'), team, residual_cause, sum(billed_cost)
    from fct_cost_allocations group by all having sum(billed_cost) <> 0 order by all
"""


def pulled(stamp: str, days: dict[str, str], whole: bool = True) -> dict[str, str]:
    """Dollars of each day; an empty text is a day without use."""
    folder = f"router/pull-{stamp}"
    pages = {
        f"{folder}/activity-{day}-0001.json": json.dumps(
            {"data": [dollars_of(day, dollars)] if dollars else []}
        ).replace('"DOLLARS"', dollars or "0")
        for day, dollars in days.items()
    }
    until = f"{max(days)[:8]}{int(max(days)[8:]) + 1:02}"
    marker = pull_json(
        f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T03:00:00Z",
        "openrouter",
        reports=["activity"],
        since=min(days),
        until=until,
    )
    return pages | ({f"{folder}/pull.json": marker.decode()} if whole else {})


def dollars_of(day: str, dollars: str) -> dict[str, object]:
    return {
        "date": day,
        "model": GPT,
        "usage": "DOLLARS",
        "prompt_tokens": 900,
        "completion_tokens": 100,
    }


def test_a_newer_pull_is_the_money_of_its_days_alone(
    project: CompiledProject, tmp_path: Path
) -> None:
    first = pulled("20261103", {"2026-10-31": "0.30", "2026-11-01": "", "2026-11-02": "0.10"})
    folder = write_company(tmp_path, {"logs/a.jsonl": log(CALLS)} | first, SETTINGS)
    company = Company(project, folder)
    paid = [("10-31", "chat", None, Decimal("0.3")), ("11-02", "search", None, Decimal("0.1"))]
    assert company.query(SPENT) == paid
    # broken off: nothing of it counts
    write_company(folder, pulled("20261104", {"2026-11-02": "7"}, whole=False), SETTINGS)
    company.build()
    assert company.query(SPENT) == paid
    # restated: a month that lost its only row has nothing, not what it had
    newer = {"2026-10-31": "", "2026-11-01": "", "2026-11-02": "0.12"}
    write_company(folder, pulled("20261105", newer), SETTINGS)
    company.build()
    assert company.query(SPENT) == [("11-02", "search", None, Decimal("0.12"))]
