"""Seats: paid by person and month, tied to the invoice; what is idle, used beyond and forfeited."""

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
provider,billing_account,product,plan,person,owner,seats,price,period,valid_from,valid_to,included
openai,org-chat,chatgpt,business,ann,Humans,,30,,,2026-10-16,
openai,org-chat,chatgpt,business,ann,it,,30,,2026-10-16,,
openai,org-chat,chatgpt,business,bob,it,,360,year,,,
openai,org-chat,chatgpt,business,,it,2,30,,,,
anthropic,org-claude,claude,standard,contractors,hr,30,25,,,,
anthropic,org-claude,claude,standard,,hr,8,25,,,,
anthropic,org-claude,claude,premium,cleo,it,2,125,,,,
github,org-code,copilot,business,dan,hr,,19,,,,19
github,org-code,copilot,business,eve,hr,,19,,,,19
github,org-code,copilot,business,fay,it,,19,,,,19
github,org-code,copilot,business,gus,it,,19,,,,19
"""
# of 76.00 in credits dan and eve take 38.00; 7.50 are billed, say, under a budget of dan's own
SEAT_USAGE = """\
provider,billing_account,billing_month,product,person,used,overage
github,org-code,2026-10,copilot,Dan,41.50,7.50
github,org-code,2026-10,copilot,eve,4,
github,org-code,2026-10,copilot,fay,0,
github,org-code,2026-10,copilot,stranger,0.75,0.25
anthropic,org-claude,2026-10,claude,cleo,90,30
anthropic,org-claude,2026-10,claude,contractors,20,10
"""
INVOICES = """\
provider,billing_account,invoice_id,billing_month,kind,amount,tax,currency
openai,org-chat,C-1,2026-10,seats,132,12,USD
anthropic,org-claude,A-1,2026-10,seats,1350.00,,USD
github,org-code,G-1,2026-10,seats,83.75,,USD
"""
# 44 standard seats where 38 are listed and two premium ones: 100 more than by the list;
# and 10 more of overage than the report's 40
BY_HAND = """\
provider,month,description,kind,quantity,unit,amount,currency
anthropic,2026-10,Claude Team: 44 standard seats,seats,44,seats,1050.00,USD
anthropic,2026-10,Claude Team: 2 premium seats,seats,2,seats,250.00,USD
anthropic,2026-10,Claude Team: extra usage,overage,,,50.00,USD
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
        "reference/seat_usage.csv": SEAT_USAGE,
        "reference/invoices.csv": INVOICES,
        "reference/teams.csv": TEAMS,
    }
    return OwnCompany(compiled, write_company(folder, files, SETTINGS))


def test_seats_tie_to_their_invoice(company: Company) -> None:
    """One account by seats.csv alone, the other by lines of a bill; tax stands apart."""
    rows = company.query(
        "select billing_account, invoice_amount, seats, idle_seats, overage, tax, unexplained,"
        " invoice_status from mart_reconciliation_monthly where provider <> 'own' order by all"
    )
    assert rows == [
        ("org-chat", 132, 60, 60, 0, 12, 0, "tied"),
        ("org-claude", 1350, 1100, 200, 50, 0, 0, "tied"),
        ("org-code", Decimal("83.75"), 57, 19, Decimal("7.75"), 0, 0, "tied"),
    ]


def test_an_idle_seat_costs_its_team(company: Company) -> None:
    """Ann changes the team in the middle of a month of 31 days: 15 and 16 of them."""
    rows = company.query(
        "select product, seat_plan, team, seats, idle_seats, held_cost, idle_cost"
        " from mart_seats_monthly where product <> 'copilot' order by all"
    )
    half = Decimal(30 * 15) / 31
    assert [(*row[:5], *(round(Decimal(each), 6) for each in row[5:])) for row in rows] == [
        ("__unlisted__", "__none__", "__unallocated__", 0, 0, 100, 0),
        ("chatgpt", "business", "hr", 1, 0, round(half, 6), 0),
        ("chatgpt", "business", "it", 4, 2, 60 - round(half, 6), 60),
        ("claude", "premium", "it", 2, 0, 250, 0),
        ("claude", "standard", "hr", 38, 8, 750, 200),
    ]


def test_overage_is_its_persons_and_credits_are_no_money(company: Company) -> None:
    """Of 76 included 38.50 are used, the stranger's half dollar with them: 37.50 are forfeited.

    Hr used all of its own; it used none. Fay used nothing, so she is idle; of gus nobody knows.
    """
    rows = company.query(
        "select team, seats, idle_seats, unseen_seats, held_cost, idle_cost, overage_cost,"
        " billed_cost, included_value, used_value, forfeited_value"
        " from mart_seats_monthly where product = 'copilot' order by all"
    )
    money = Decimal
    assert rows == [
        ("__unallocated__", 0, 0, 0, 0, 0, money("0.25"), money("0.25"), 0, money("0.75"), 0),
        ("hr", 2, 0, 0, 38, 0, money("7.5"), money("45.5"), 38, money("45.5"), 0),
        ("it", 2, 1, 1, 19, 19, 0, 38, 38, 0, money("37.5")),
    ]
    assert company.query(
        "select team, residual_cost, total_cost from mart_chargeback_monthly"
        " where billing_account = 'org-code' order by all"
    ) == [
        ("__unallocated__", money("0.25"), money("0.25")),
        ("hr", money("45.5"), money("45.5")),
        ("it", 38, 38),
    ]


def test_overage_on_a_bill_is_shared_by_the_report(company: Company) -> None:
    """The bill says 50 where persons are said to have 40: the rest is nobody's."""
    rows = company.query(
        "select product, team, overage_cost from mart_seats_monthly"
        " where provider = 'anthropic' and overage_cost > 0 order by all"
    )
    assert rows == [
        ("__unlisted__", "__unallocated__", 10),
        ("claude", "hr", 10),
        ("claude", "it", 30),
    ]


def test_of_a_product_without_a_report_nothing_is_said_to_be_forfeited(company: Company) -> None:
    assert company.query(
        "select distinct unseen_seats, used_value, forfeited_value from mart_seats_monthly"
        " where product = 'chatgpt'"
    ) == [(None, None, None)]
