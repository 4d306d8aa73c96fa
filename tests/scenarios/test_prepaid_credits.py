"""Prepaid credits (trap 26): top-ups, grants, what usage took and what expired, each a line."""

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.reference.files import ReferenceError
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

HEADER = "provider,billing_account,invoice_id,billing_month,kind,amount,tax,credits,currency\n"
# 100 of credits and a bonus of 10 for 119, a grant of 5; October takes 42 of them, November 30,
# and 20 are lost
BALANCE = """\
openai,org-o,TOP-1,2026-10,prepaid,119,19,-10,USD
openai,org-o,GRANT-1,2026-10,grant,5,,,USD
openai,org-o,USED-10,2026-10,drawdown,27,,-15,USD
openai,org-o,USED-11,2026-11,drawdown,30,,,USD
openai,org-o,LOST-11,2026-11,expiry,20,,,USD
openai,org-o,FEE-11,2026-11,fee,5.50,,,USD
"""
USAGE = (("2026-10-05", "42"), ("2026-11-05", "30"))
RATES = "date,from_currency,to_currency,rate,source\n2026-10-01,EUR,USD,1.0871,ECB\n"


def company(
    project: CompiledProject, folder: Path, invoices: str, bill: str = "", **reference: str
) -> Company:
    """It calls on the 5th of October and November, and on both days a dollar is a token."""
    days = [day for day, _ in USAGE]
    calls = [call(f"{day}T10:00:00Z", "gpt-4o-2024-08-06", 1000, key="k") for day in days]
    billed = [line(day, "gpt-4o-2024-08-06, input", dollars, 1000, "k") for day, dollars in USAGE]
    files = {
        "logs/proxy.jsonl": log([call("2026-10-03T00:00:00Z", "gpt-4o", 1), *calls]),
        "reference/invoices.csv": HEADER + invoices,
        "openai/costs.json": bill or costs(*billed),
        **{f"reference/{name}.csv": text for name, text in reference.items()},
    }
    return Company(project, write_company(folder, files))


def test_each_move_is_a_line_and_both_months_tie(project: CompiledProject, tmp_path: Path) -> None:
    built = company(project, tmp_path, BALANCE)
    assert built.query(
        "select month(billing_month), invoice_amount, requests_cost, tax, credit, fee,"
        " expired_credits, unexplained, invoice_status from mart_reconciliation_monthly order by 1"
    ) == [
        (10, 46, 42, 19, -15, 0, 0, 0, "tied"),
        (11, Decimal("55.5"), 30, 0, 0, Decimal("5.5"), 20, 0, "tied"),
    ]
    assert built.query(
        "select charge_description, charge_category, invoice_id, billed_cost::double"
        " from fct_charges where source = 'invoices.csv' order by all"
    ) == [
        ("expired credits", "Purchase", "LOST-11", 20.0),
        ("fee", "Purchase", "FEE-11", 5.5),
        ("free credits", "Credit", "TOP-1 USED-10", -15.0),
        ("tax of a top-up", "Tax", "TOP-1", 19.0),
    ]
    # what was lost is nobody's, and nobody's cost is less for what was granted
    assert built.query(
        "select residual_cause, team, sum(billed_cost)::double from fct_cost_allocations"
        " where residual_cause in ('expired_credits', 'credit') group by all order by all"
    ) == [("credit", "__unallocated__", -15.0), ("expired_credits", "__unallocated__", 20.0)]


def test_the_balance_is_what_was_paid_and_not_yet_cost(
    project: CompiledProject, tmp_path: Path
) -> None:
    built = company(project, tmp_path, BALANCE)
    moves = (
        "opening_balance, topped_up, granted, drawn, drawn_free, expired, expired_free,"
        " closing_balance, closing_free"
    )
    assert built.query(
        f"select {moves}, drawn_basis from mart_prepaid_monthly order by billing_month"
    ) == [(0, 100, 15, 42, 15, 0, 0, 73, 0, "stated"), (73, 0, 0, 30, 0, 20, 0, 23, 0, "stated")]
    # nothing twice: payable 119 and 5.50 are the cost of two months and what is left
    [[cost, left]] = built.query(
        "select (select sum(billed_cost) from fct_cost_allocations),"
        " (select last(closing_balance order by billing_month) from mart_prepaid_monthly)"
    )
    assert cost + left == Decimal("119") + Decimal("5.50")


def test_what_is_stated_wrong_does_not_tie(project: CompiledProject, tmp_path: Path) -> None:
    built = company(project, tmp_path, BALANCE.replace("drawdown,27,,-15", "drawdown,27,,-14"))
    assert built.query(
        "select unexplained, invoice_status from mart_reconciliation_monthly order by billing_month"
    ) == [(-1, "not_tied"), (0, "tied")]


def test_a_grant_beside_an_invoice_of_usage(project: CompiledProject, tmp_path: Path) -> None:
    """30 of October's 42 by card, the rest from a grant; the bill's export carries half of that."""
    bill = costs(
        line("2026-10-05", "gpt-4o-2024-08-06, input", "42", 1000, "k"),
        line("2026-10-05", "Promotional credit", "-6", None, None),
    )
    invoices = """\
openai,org-o,GRANT,2026-09,grant,50,,,USD
openai,org-o,INV,2026-10,usage,30,,,USD
openai,org-o,USED,2026-10,drawdown,0,,-12,USD
openai,org-o,LOST,2026-11,expiry,0,,-38,USD
"""
    built = company(project, tmp_path, invoices, bill)
    assert built.query(
        "select billing_month::varchar, invoice_amount, requests_cost, credit, unexplained"
        " from mart_reconciliation_monthly where invoice_amount is not null"
    ) == [("2026-10-01", 30, 42, -12, 0)]
    assert built.query(
        "select charge_description, billed_cost::double from fct_charges"
        " where charge_category = 'Credit' order by all"
    ) == [("Promotional credit", -6.0), ("free credits", -6.0)]
    assert built.query(
        "select month(billing_month), granted, drawn, expired_free, closing_balance"
        " from mart_prepaid_monthly order by all"
    ) == [(9, 50, 0, 0, 50), (10, 0, 12, 0, 38), (11, 0, 0, 38, 0)]


def test_without_a_word_the_bill_draws_and_nothing_is_tied(
    project: CompiledProject, tmp_path: Path
) -> None:
    built = company(project, tmp_path, "openai,org-o,TOP,2026-10,prepaid,100,,,USD\n")
    assert built.query(
        "select drawn, closing_balance, drawn_basis from mart_prepaid_monthly"
        " order by billing_month"
    ) == [(42, 58, "bill"), (30, 28, "bill")]
    assert set(built.query("select invoice_status from mart_reconciliation_monthly")) == {
        ("missing",)
    }


def test_a_top_ups_tax_is_no_invoice_of_usage(project: CompiledProject, tmp_path: Path) -> None:
    """No bill of November has come: its use stays estimated, and the tax ties."""
    bill = costs(line("2026-10-05", "gpt-4o-2024-08-06, input", "42", 1000, "k"))
    built = company(project, tmp_path, "openai,org-o,TOP,2026-11,prepaid,119,19,,USD\n", bill)
    assert built.query(
        "select invoice_amount, allocated, tax, unexplained, estimated_cost > 0"
        " from mart_reconciliation_monthly where billing_month = '2026-11-01'"
    ) == [(19, 19, 19, 0, True)]


def test_in_another_currency_it_ties_in_both(project: CompiledProject, tmp_path: Path) -> None:
    bill = costs(*(line(day, "gpt-4o, input", dollars, 1000, "k") for day, dollars in USAGE))
    built = company(
        project,
        tmp_path,
        BALANCE.replace("USD", "EUR"),
        bill.replace('"usd"', '"eur"'),
        fx_rates=RATES,
    )
    rate = Decimal("1.0871")
    assert built.query(
        "select invoice_amount, expired_credits, unexplained, unexplained_in_billing_currency"
        " from mart_reconciliation_monthly order by billing_month"
    ) == [(46 * rate, 0, 0, 0), (Decimal("55.5") * rate, 20 * rate, 0, 0)]
    assert built.query("select distinct currency from mart_prepaid_monthly") == [("EUR",)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("grant,5,1,,USD", "tax: a row of kind grant has none: leave it empty"),
        ("grant,5,,-1,USD", "credits: a row of kind grant has none: leave it empty"),
        ("expiry,5,1,,USD", "tax: a row of kind expiry has none: leave it empty"),
    ],
)
def test_what_a_kind_does_not_say_is_refused(
    project: CompiledProject, tmp_path: Path, row: str, told: str
) -> None:
    with pytest.raises(ReferenceError, match=told):
        company(project, tmp_path, f"openai,org-o,X,2026-10,{row}\n")
