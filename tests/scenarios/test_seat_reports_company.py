"""Reports of Copilot and Cursor: overage on its person's team, tied to the invoice of the seats."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from companies import Company, OwnCompany, call, log, write_company

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject

SETTINGS = """\
company: Reports of seats
gateways:
  - {name: proxy, format: generic, location: logs}
bills:
  - {name: copilot, format: copilot_usage, account: org-code, location: copilot}
  - {name: cursor, format: cursor_usage, account: team-1, location: cursor}
  - {name: by_hand, format: manual_invoice, account: team-1, location: invoices}
"""
SEATS = """\
provider,billing_account,product,plan,person,owner,price,included
github,org-code,copilot,business,Dan,hr,19,19
github,org-code,copilot,business,eve,it,19,19
cursor,team-1,cursor,teams,ann@acme.com,hr,40,20
cursor,team-1,cursor,teams,bob@acme.com,it,40,20
"""
COPILOT = """\
date,username,product,sku,model,quantity,unit_type,gross_amount,discount_amount,net_amount
2026-10-01,dan,copilot,copilot_ai_credit,GPT-5,3300,ai-credits,33,33,0
2026-10-31,DAN,copilot,copilot_ai_credit,GPT-5,400,ai-credits,4,2,2
2026-10-31,eve,copilot,copilot_ai_credit,GPT-5,100,ai-credits,1,1,0
2026-10-31,,copilot,coding_agent_ai_credit,,50,ai-credits,0.5,0,0.5
"""
EVENT = """{"timestamp": "1791849600000", "userEmail": "%s", "kind": "%s", "chargedCents": %s}"""
CURSOR = ",\n".join(
    [
        EVENT % ("ann@acme.com", "Included in Business", "2000"),
        EVENT % ("ann@acme.com", "Usage-based", "900"),
        EVENT % ("bob@acme.com", "Usage-based", "300"),
    ]
)
# Cursor's cycle ends in the middle of the month: its invoice has 10.00 of the 12.00
BY_HAND = """\
provider,month,description,kind,amount,currency
cursor,2026-10,2 seats,seats,80.00,USD
cursor,2026-10,On-demand usage until 15 October,overage,10.00,USD
"""
INVOICES = """\
provider,billing_account,invoice_id,billing_month,kind,amount,currency
github,org-code,G-1,2026-10,seats,40.50,USD
cursor,team-1,C-1,2026-10,seats,90,USD
"""
TEAMS = "team_id,team_name,cost_center\nhr,Humans,CC1\nit,IT,CC2\n"
MART = """
    select team, seats, idle_seats, unseen_seats, held_cost, overage_cost, included_value,
        used_value, forfeited_value
    from mart_seats_monthly where product = '{product}' order by all
"""


@pytest.fixture(scope="module")
def company(
    compiled: Callable[[Workspace], CompiledProject], tmp_path_factory: pytest.TempPathFactory
) -> Company:
    folder: Path = tmp_path_factory.mktemp("seat_reports") / "company"
    files = {
        "logs/proxy.jsonl": log(
            [call("2026-10-05T10:00:00Z", "house", 1, provider="own", team="hr")]
        ),
        "copilot/october.csv": COPILOT,
        "cursor/october.json": f'{{"pagination": {{"numPages": 1}}, "usageEvents": [{CURSOR}]}}',
        "invoices/october.csv": BY_HAND,
        "reference/seats.csv": SEATS,
        "reference/invoices.csv": INVOICES,
        "reference/teams.csv": TEAMS,
    }
    return OwnCompany(compiled, write_company(folder, files, SETTINGS))


def test_seats_and_overage_are_the_invoice(company: Company) -> None:
    rows = company.query(
        "select billing_account, seats, overage, unexplained, invoice_status"
        " from mart_reconciliation_monthly where provider <> 'own' order by all"
    )
    assert rows == [
        ("org-code", 38, Decimal("2.5"), 0, "tied"),
        ("team-1", 80, 10, 0, "tied"),
    ]


def test_what_a_pool_covers_is_no_money(company: Company) -> None:
    """Of 38 in credits 36 are used, more than hr's own by 16: it left 18, of which 2 are left."""
    money = Decimal
    assert company.query(MART.format(product="copilot")) == [
        ("__unallocated__", 0, 0, 0, 0, money("0.5"), 0, money("0.5"), 0),
        ("hr", 1, 0, 0, 19, 2, 19, 37, 0),
        ("it", 1, 0, 0, 19, 0, 19, 1, 2),
    ]


def test_a_bills_overage_is_shared_by_events_that_are_not_included(company: Company) -> None:
    """The bill has 10 where the events of the month have 9 and 3."""
    assert company.query(MART.format(product="cursor")) == [
        ("hr", 1, 0, 0, 40, Decimal("7.5"), 20, 29, 0),
        ("it", 1, 0, 0, 40, Decimal("2.5"), 20, 3, 20),
    ]


def test_a_report_is_no_bill_of_an_account(company: Company) -> None:
    """Requests of its provider are not of the account of its seats."""
    assert company.query(
        "select source, provider from landing.sources where kind = 'bill' order by all"
    ) == [("by_hand", "cursor"), ("copilot", None), ("cursor", None)]
