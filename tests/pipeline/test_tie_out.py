"""Invoices that differ, are missing, or say again what the bill says.

A run refuses a month once; else the SQL of a run says what it would refuse.
"""

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from changed_invoices import Invoices, change_invoices, raised
from compiled_project import CompiledProject
from workspace_runs import Outcome
from workspaces import copy_landed, query

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import month_statuses
from orchestration.exports.months import refusal
from orchestration.exports.tables import chargeback
from tests.scenarios.companies import Company, OwnCompany

FIRST, SECOND = "2026-09", "2026-10"
CENT = Decimal("0.01")


def reconciled(where: Path | Company, column: str) -> dict[tuple[str, str], Any]:
    """A column of the reconciliation by (provider, month)."""
    sql = (
        f"select provider, strftime(billing_month, '%Y-%m'), {column}"
        " from mart_reconciliation_monthly"
    )
    rows = query(where, sql) if isinstance(where, Path) else where.query(sql)
    return {(provider, month): value for provider, month, value in rows}


def statuses(folder: Path) -> dict[str, set[str]]:
    rows = query(
        folder,
        "select strftime(billing_month, '%Y-%m'), status from mart_chargeback_monthly group by all",
    )
    found: dict[str, set[str]] = {}
    for month, status in rows:
        found.setdefault(month, set()).add(status)
    return found


def refused(company: Company) -> dict[str, tuple[str, str]]:
    """Month -> its status, and why a run would not write its chargeback.csv."""
    return {
        f"{month:%Y-%m}": (status, refusal(company.connection, month, status))
        for month, status in month_statuses(company.connection).items()
    }


def exported_total(folder: Path, month: str) -> Decimal:
    with (folder / "exports" / month / "chargeback.csv").open(newline="") as lines:
        return sum((Decimal(row["total"]) for row in csv.DictReader(lines)), Decimal())


def manifest(folder: Path, month: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (folder / "exports" / month / "manifest.json").read_bytes()
    )
    return document


def test_an_invoice_lowered_is_refused_and_a_missing_one_is_estimated(
    built: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    def change(invoices: Invoices) -> Invoices:
        lowered = raised(invoices, "anthropic", FIRST, "-5.00")
        return [
            invoice
            for invoice in lowered
            if (invoice["provider"], invoice["billing_month"]) != ("openai", SECOND)
        ]

    copy_landed(built, tmp_path)
    change_invoices(built, tmp_path, change)
    company = OwnCompany(compiled, tmp_path)
    told = refused(company)
    assert told[SECOND] == ("estimated", "")
    status, reason = told[FIRST]
    assert status == "not_tied"
    assert reason.startswith(f"{FIRST} is not tied to its invoices: anthropic")

    unexplained = reconciled(company, "unexplained")
    assert unexplained.pop(("anthropic", FIRST)).quantize(CENT) == Decimal("-5.00")
    assert unexplained.pop(("openai", SECOND)) is None
    assert set(unexplained.values()) == {0}
    assert reconciled(company, "invoice_status")["openai", SECOND] == "missing"
    assert reconciled(company, "rounding")["openai", SECOND] == 0
    assert reconciled(company, "tax")["openai", SECOND] == 0
    # the bill is there: its money is billed all the same
    assert set(reconciled(company, "estimated_cost").values()) == {0}
    billed = reconciled(company, "billed")
    tax_and_rounding = reconciled(built, "tax + rounding")["openai", SECOND]
    expected = reconciled(built, "billed")["openai", SECOND] - tax_and_rounding
    assert billed["openai", SECOND] == expected


def test_an_invoice_raised_without_a_line_is_refused_and_its_month_alone(
    built: Path, untied: tuple[Path, Outcome]
) -> None:
    company, outcome = untied
    assert outcome.status == 1
    assert f"{FIRST} is not tied to its invoices: openai" in outcome.output
    assert f"{SECOND} is not tied" not in outcome.output

    unexplained = reconciled(company, "unexplained")
    assert unexplained.pop(("openai", FIRST)).quantize(CENT) == Decimal("5.00")
    assert set(unexplained.values()) == {0}
    # no rounding hides a part of it
    assert reconciled(company, "rounding")["openai", FIRST] == 0
    assert statuses(company) == {FIRST: {"not_tied"}, SECOND: {"billed"}}

    month = company / "exports" / FIRST
    assert not (month / "chargeback.csv").exists()
    assert (month / "showback.csv").exists()
    assert manifest(company, FIRST)["status"] == "not_tied"
    assert "openai" in manifest(company, FIRST)["refused"]["chargeback.csv"]
    assert exported_total(company, SECOND) == exported_total(built, SECOND)
    # the requests keep what they cost
    shares = "select sum(billed_cost) from fct_request_costs"
    assert query(company, shares) == query(built, shares)


def test_tax_and_credit_on_bill_and_invoice_are_one(
    built: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    """Trap 26: taxes and credits are on the invoice, the bill, or both. The bill's export carries
    the invoice's tax, and half of its credit.
    """
    tax, credit = reconciled(built, "tax")["openai", FIRST], Decimal("-3.00")
    assert tax > 0
    copy_landed(built, tmp_path)
    add_openai_row(tmp_path, "Sales tax", f"{tax:f}")
    assert credit > reconciled(built, "credit")["anthropic", FIRST]
    add_anthropic_row(tmp_path, "Promotional credit", f"{credit * 100:f}")
    company = OwnCompany(compiled, tmp_path)
    assert refused(company) == {FIRST: ("billed", ""), SECOND: ("billed", "")}
    for column in ("tax", "credit", "allocated", "requests_cost", "unexplained"):
        assert reconciled(company, column) == reconciled(built, column), column
    on_the_bill = company.query(
        "select charge_kind, billed_cost from fct_charges where source <> 'invoices.csv'"
        " and charge_kind in ('tax', 'credit') order by all",
    )
    assert on_the_bill == [("credit", credit), ("tax", tax)]
    for month in (FIRST, SECOND):
        table = chargeback(company.connection, date.fromisoformat(f"{month}-01"), "billed", "USD")
        assert Decimal(table.totals["total"]) == exported_total(built, month)


def add_openai_row(folder: Path, line_item: str, dollars: str) -> None:
    # the amount as a JSON number that goes through no float
    row = (
        f'{{"object":"organization.costs.result","amount":{{"value":{dollars},"currency":"usd"}},'
        f'"line_item":"{line_item}","project_id":null,"api_key_id":null,"quantity":null,'
        '"quantity_unit":null},'
    )
    add_row(folder / "bills" / "openai" / "costs-01.json", row)


def add_anthropic_row(folder: Path, description: str, cents: str) -> None:
    row = (
        f'{{"amount":"{cents}","context_window":null,"cost_type":null,"currency":"USD",'
        f'"description":"{description}","inference_geo":null,"model":null,"service_tier":null,'
        '"token_type":null,"workspace_id":null},'
    )
    add_row(folder / "bills" / "anthropic" / "cost_report-01.json", row)


def add_row(page: Path, row: str) -> None:
    """Into the first bucket, before its other rows."""
    page.write_text(page.read_text().replace('"results":[', f'"results":[{row}', 1))
