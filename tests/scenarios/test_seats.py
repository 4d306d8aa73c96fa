"""Seats: paid by person and month, tied to the invoice, idle ones in dollars of whose they are."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from companies import Company, OwnCompany, call, log, write_company

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject

SETTINGS = """\
company: Seats
gateways:
  - {name: proxy, format: generic, location: logs}
bills:
  - {name: by_hand, format: manual_invoice, account: org-claude, location: invoices}
"""
SEATS = """\
provider,billing_account,product,plan,person,owner,seats,price,valid_from,valid_to
openai,org-chat,chatgpt,business,ann,Humans,,30,,2026-10-16
openai,org-chat,chatgpt,business,ann,it,,30,2026-10-16,
openai,org-chat,chatgpt,business,bob,it,,30,,
openai,org-chat,chatgpt,business,,it,2,30,,
anthropic,org-claude,claude,standard,contractors,hr,30,25,,
anthropic,org-claude,claude,standard,,hr,8,25,,
anthropic,org-claude,claude,premium,cleo,it,2,125,,
"""
INVOICES = """\
provider,billing_account,invoice_id,billing_month,kind,amount,tax,currency
openai,org-chat,C-1,2026-10,seats,132,12,USD
anthropic,org-claude,A-1,2026-10,seats,1300.00,,USD
"""
# 44 standard seats where 38 are listed and two premium ones: 100 more than by the list
BY_HAND = """\
provider,month,description,kind,quantity,unit,amount,currency
anthropic,2026-10,Claude Team: 44 standard seats,seats,44,seats,1050.00,USD
anthropic,2026-10,Claude Team: 2 premium seats,seats,2,seats,250.00,USD
"""
TEAMS = "team_id,team_name,cost_center\nhr,Humans,CC1\nit,IT,CC2\n"


@pytest.fixture(scope="module")
def company(
    compiled: Callable[[Workspace], CompiledProject], tmp_path_factory: pytest.TempPathFactory
) -> Company:
    folder: Path = tmp_path_factory.mktemp("seats") / "company"
    calls = [call("2026-10-05T10:00:00Z", "house", 1, provider="own", team="hr")]
    files = {
        "logs/proxy.jsonl": log(calls),
        "invoices/october.csv": BY_HAND,
        "reference/seats.csv": SEATS,
        "reference/invoices.csv": INVOICES,
        "reference/teams.csv": TEAMS,
    }
    return OwnCompany(compiled, write_company(folder, files, SETTINGS))


def test_seats_tie_to_their_invoice(company: Company) -> None:
    """One account by seats.csv alone, the other by lines of a bill; tax stands apart."""
    rows = company.query(
        "select billing_account, invoice_amount, seats, idle_seats, tax, unexplained,"
        " invoice_status from mart_reconciliation_monthly where provider <> 'own' order by all"
    )
    assert rows == [
        ("org-chat", 132, 60, 60, 12, 0, "tied"),
        ("org-claude", 1300, 1100, 200, 0, 0, "tied"),
    ]


def test_an_idle_seat_costs_its_team(company: Company) -> None:
    """Ann changes the team in the middle of a month of 31 days: 15 and 16 of them."""
    rows = company.query(
        "select product, seat_plan, team, seats, idle_seats, held_cost, idle_cost"
        " from mart_seats_monthly order by all"
    )
    half = Decimal(30 * 15) / 31
    assert [(*row[:5], *(round(Decimal(each), 6) for each in row[5:])) for row in rows] == [
        ("__unlisted__", "__none__", "__unallocated__", 0, 0, 100, 0),
        ("chatgpt", "business", "hr", 1, 0, round(half, 6), 0),
        ("chatgpt", "business", "it", 4, 2, 60 - round(half, 6), 60),
        ("claude", "premium", "it", 2, 0, 250, 0),
        ("claude", "standard", "hr", 38, 8, 750, 200),
    ]
