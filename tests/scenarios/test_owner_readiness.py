"""Which settings at the provider would have put last month's residual dollars on a team."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

# Two teams share `both`. A dollar each of `both`, of `lone` and of no key has no request,
# and two are tax.
BILL = costs(
    line("2026-10-05", "gpt-4o, input", "3.00", 300, "both"),
    line("2026-10-06", "gpt-4o, input", "1.00", 100, "lone"),
    line("2026-10-07", "gpt-4o, input", "1.00", 100, None),
)
LOG = log(
    [
        call("2026-10-05T10:00:00Z", "gpt-4o", 100, key="both", team="search", provider="openai"),
        call("2026-10-05T11:00:00Z", "gpt-4o", 100, key="both", team="chat", provider="openai"),
    ]
)
INVOICE = (
    "provider,billing_account,invoice_id,billing_month,amount,tax,currency\n"
    "openai,org-o,I-1,2026-10,7.00,2.00,USD\n"
)
FILES = {"logs/a.jsonl": LOG, "openai/page.json": BILL, "reference/invoices.csv": INVOICE}


def ready(company: Company) -> list[tuple[object, ...]]:
    return company.query(
        "select setting, state, is_in_use, residual_cost, only_here_cost, counted_cost, also_by"
        " from mart_owner_readiness order by setting_rank"
    )


@pytest.fixture
def company(project: CompiledProject, tmp_path: Path) -> Company:
    return Company(project, write_company(tmp_path, FILES))


def test_settings_are_told_apart_and_each_dollar_is_counted_once(company: Company) -> None:
    """All is of project p, which both teams use; the line of `lone` needs an owner, no more."""
    assert ready(company) == [
        ("api_key", "unowned", True, 1, 0, 1, "project"),
        ("project", "shared", True, 3, 0, 2, "api_key"),
        ("api_key", "missing", False, 1, 0, 0, "project"),
        ("api_key", "shared", True, 1, 0, 0, "project"),
        ("none", "none", False, 2, 2, 2, None),
    ]


def test_the_line_that_it_asks_for_does_what_it_says(company: Company) -> None:
    counted = "select sum(counted_cost) from mart_owner_readiness"
    before = company.value(counted)
    lines = "source,credential_id,team_id\nopenai,lone,ops\n"
    write_company(company.folder, {"reference/credentials.csv": lines}, settings(company))
    company.build()
    assert before - company.value(counted) == Decimal(1)
    assert company.by("team")["ops"] == Decimal(1)
    assert [row for row in ready(company) if row[1] == "unowned"] == []


def settings(company: Company) -> str:
    return (company.folder / "tollbook.yaml").read_text()
