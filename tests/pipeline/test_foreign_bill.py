"""A bill in euros: without a rate that bill alone is refused, with one it ties in both."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from compiled_project import CompiledProject
from workspace_runs import Outcome, copy_workspace, run
from workspaces import command, query

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import month_statuses
from tests.scenarios.companies import OwnCompany

pytestmark = pytest.mark.whole

EURO = Decimal("1.25")
SENTENCE = (
    "source openai: bills in EUR of 2026-09, 2026-10, and fx_rates.csv has no EUR→USD rate on or"
    " before 2026-10-0"
)
MONTHS = (
    "select billing_month, billing_account, billed, {} from mart_reconciliation_monthly"
    " where provider {} 'openai' order by all"
)


def in_euros(folder: Path) -> None:
    """The numbers as they are, in another currency."""
    for page in (folder / "bills" / "openai").rglob("costs-*.json"):
        page.write_text(page.read_text().replace('"currency":"usd"', '"currency":"eur"'))
    invoices = folder / "reference" / "invoices.csv"
    lines = invoices.read_text().splitlines(keepends=True)
    invoices.write_text(
        "".join(
            line.replace(",USD,", ",EUR,") if line.startswith("openai,") else line for line in lines
        )
    )


def add_rate(folder: Path) -> None:
    (folder / "reference" / "fx_rates.csv").write_text(
        f"date,from_currency,to_currency,rate,source\n2026-08-01,EUR,USD,{EURO},ECB\n"
    )


def test_a_bill_without_a_rate_is_refused_alone_until_it_has_one(
    small: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    folder = copy_workspace(small, tmp_path / "company")
    in_euros(folder)
    checked = command(folder, "check")
    assert SENTENCE in f"{checked.output}{checked.exception}"

    outcome: Outcome = run(folder)
    assert outcome.status == 1
    assert SENTENCE in outcome.output
    assert "could not be read" not in outcome.output
    others = MONTHS.format("invoice_status", "<>")
    assert query(folder, others) == query(small, others) != []
    assert {row[2] for row in query(folder, MONTHS.format("invoice_status", "="))} == {Decimal(0)}

    add_rate(folder)
    company = OwnCompany(compiled, folder)
    assert set(month_statuses(company.connection).values()) == {"billed"}
    found = company.query(MONTHS.format("invoice_amount_in_billing_currency, unexplained", "="))
    dollars = query(small, MONTHS.format("invoice_amount, unexplained", "="))
    assert [row[3:] for row in found] == [row[3:] for row in dollars]
    assert [row[2] for row in found] == [row[2] * EURO for row in dollars]
