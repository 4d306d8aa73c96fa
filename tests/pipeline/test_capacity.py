"""Capacity paid by the month: what was used goes to its users, what was idle is a line of its own.

$240,000 over 36 months and $1,500 of power are $8,166.67 a month. In September every hour is used
to 40 %, by two features in turn.
"""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from compiled_project import CompiledProject
from workspaces import write_files

from ingestion.workspace.settings import Workspace
from orchestration.checks.prices import unpriced_models
from tests.scenarios.companies import Company, OwnCompany

pytestmark = pytest.mark.whole

SETTINGS = """\
company: Own
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, deployment_id: deployment_id}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
HEADER = (
    "timestamp,model_name,provider,deployment_id,key,team,feature_tag,"
    "input_token_count,output_token_count\n"
)
CAPACITY = """\
pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments,valid_from,provider,billing_account
gpu,self_hosted,8166.67,1000,tokens,ML Platform,llama-*,,,
ptu,provisioned,5400,3,requests,ml,ptu-eu,2026-09-16,,
ptu,provisioned,1800,1,requests,hr,ptu-eu,2026-09-16,,
scale,provisioned,7200,1000,tokens,ml,scale-*,,openai,org-o
"""
# the fee of the scale tier is on OpenAI's invoice and not in its export
INVOICES = "provider,billing_account,invoice_id,billing_month,amount,currency\n"
INVOICES += "openai,org-o,I-9,2026-09,7200.25,USD\n"
TEAMS = "team_id,team_name\nml,ML Platform\nhr,HR\n"
# a house price: a cost to compare with, never the money
PRICES = "provider,model,meter,unit_price_per_million\nown,gpt-4o,input,1000000\n"
MONTHLY = round(Decimal(240_000) / 36 + 1_500, 2)  # scenario 3
HOURS = [(day, hour) for day in range(1, 31) for hour in range(24)]


def _log() -> str:
    lines = [
        f"2026-09-{day:02}T{hour:02}:30:00Z,hosted_vllm/llama-3,openai,llama-{hour % 3},,hr,"
        f"{('chat', 'search')[hour % 2]},300,100\n"
        for day, hour in HOURS
    ]
    lines += [
        "2026-09-20T10:00:00Z,gpt-4o,openai,ptu-eu,,hr,chat,1000,0\n",
        "2026-09-20T10:00:00Z,gpt-4o,openai,gpt-4o-us,key_1,hr,chat,100,0\n",
        # the bill has the key and the model of the line before, and of this one nothing
        "2026-09-20T10:00:00Z,gpt-4o,openai,scale-1,key_1,hr,live,250,0\n",
        # 1,600 tokens in an hour that can do 1,000
        "2026-10-01T08:00:00Z,hosted_vllm/llama-3,openai,llama-1,,it,draft,1200,400\n",
    ]
    return HEADER + "".join(lines)


def _bill() -> str:
    result = {
        "object": "organization.costs.result",
        "amount": {"value": 0.25, "currency": "usd"},
        "line_item": "gpt-4o-2024-08-06, input",
        "project_id": "p",
        "api_key_id": "key_1",
        "quantity": 100,
        "quantity_unit": "tokens",
    }
    bucket = {"object": "bucket", "start_time": 1789862400, "end_time": 1789948800}
    page = {"object": "page", "data": [{**bucket, "results": [result]}], "has_more": False}
    return json.dumps({**page, "next_page": None})


@pytest.fixture(scope="module")
def company(
    compiled: Callable[[Workspace], CompiledProject], tmp_path_factory: pytest.TempPathFactory
) -> Company:
    folder = tmp_path_factory.mktemp("capacity") / "own"
    write_files(
        folder,
        {
            "tollbook.yaml": SETTINGS,
            "logs/proxy.csv": _log(),
            "openai/costs.json": _bill(),
            "reference/capacity.csv": CAPACITY,
            "reference/teams.csv": TEAMS,
            "reference/prices.csv": PRICES,
            "reference/invoices.csv": INVOICES,
        },
    )
    company = OwnCompany(compiled, folder)
    assert not unpriced_models(company.connection)
    return company


def test_the_monthly_cost_is_the_invoice_of_a_month_that_logs_cover(company: Company) -> None:
    """Scenario 3: $8,166.67 a month, whatever is used of it."""
    assert company.query(
        "select billing_account, strftime(billing_month, '%m'), invoice_amount, invoice_status,"
        " allocated, unexplained from mart_reconciliation_monthly where provider = 'own'"
        " order by all",
    ) == [
        ("gpu", "09", MONTHLY, "tied", MONTHLY, Decimal(0)),
        # October still runs: one day of 31 so far
        ("gpu", "10", None, "missing", Decimal("263.440967741952"), None),
        # valid for half of September
        ("ptu", "09", Decimal(3600), "tied", Decimal(3600), Decimal(0)),
        ("ptu", "10", None, "missing", Decimal("232.258064516160"), None),
    ]


def test_what_is_used_is_its_users_and_what_is_idle_stands_by_itself(company: Company) -> None:
    """Scenario 3: used 40 %, so 60 % of the cost is idle, a line of its own."""
    rows = company.query(
        "select residual_cause, team, feature, round(sum(billed_cost), 6), sum(estimated_cost)"
        " from fct_cost_allocations where billing_account = 'gpu'"
        " and billing_month = date '2026-09-01' group by all order by feature",
    )
    assert rows == [
        ("idle_capacity", "ml", "__unallocated__", Decimal("4900.002"), Decimal(0)),
        (None, "hr", "chat", Decimal("1633.334"), Decimal(0)),
        (None, "hr", "search", Decimal("1633.334"), Decimal(0)),
    ]


def test_teams_sum_to_the_fixed_cost_in_each_of_three_views(company: Company) -> None:
    """Scenario 3: Σ team = fixed cost."""
    rows = company.query(
        "select line, team, round(sum(used_only_cost), 6), round(sum(fully_loaded_cost), 6),"
        " round(sum(reserved_share_cost), 6), round(sum(idle_cost), 6), sum(used_quantity),"
        " sum(capacity), min(pool_utilisation), max(pool_utilisation) from mart_capacity_daily"
        " where pool = 'gpu' and usage_date < date '2026-10-01' group by all order by line",
    )
    idle, used, zero = Decimal("4900.002"), Decimal("3266.668"), Decimal(0)
    share = Decimal("0.4")
    assert rows == [
        ("owner", "ml", idle, zero, MONTHLY, idle, zero, Decimal(720_000), share, share),
        ("use", "hr", used, MONTHLY, zero, zero, Decimal(288_000), zero, share, share),
    ]


def test_two_owners_share_what_is_idle_by_their_part(company: Company) -> None:
    rows = company.query(
        "select line, team, sum(used_only_cost), sum(fully_loaded_cost), sum(reserved_share_cost),"
        " sum(used_quantity), sum(capacity) from mart_capacity_daily"
        " where pool = 'ptu' and usage_date = date '2026-09-20' group by all order by line, team",
    )
    zero = Decimal(0)
    assert rows == [
        ("owner", "hr", Decimal("59.375"), zero, Decimal(60), zero, Decimal(24)),
        ("owner", "ml", Decimal("178.125"), zero, Decimal(180), zero, Decimal(72)),
        ("use", "hr", Decimal("2.5"), Decimal(240), zero, Decimal(1), zero),
    ]


def test_an_hour_above_its_capacity_is_its_users_and_has_no_idle(company: Company) -> None:
    [(hour_cost, quantity)] = company.query(
        "select round(used_only_cost, 6), used_quantity from mart_capacity_daily"
        " where feature = 'draft'",
    )
    assert quantity == 1600
    assert hour_cost == round(MONTHLY / 744, 6)


def test_a_feature_with_api_provisioned_and_own_capacity_has_one_sum(company: Company) -> None:
    """Scenario 3: hybrid supply, one feature with all three sums."""
    where = "where feature = 'chat' and billing_month = date '2026-09-01'"
    rows = company.query(
        "select provider, billing_account, round(sum(billed_cost), 6) from fct_cost_allocations"
        f" {where} group by all order by all",
    )
    assert rows == [
        ("openai", "org-o", Decimal("0.25")),
        ("own", "gpu", Decimal("1633.334")),
        ("own", "ptu", Decimal("2.5")),
    ]
    assert company.query(
        "select round(sum(billed_cost), 6), sum(requests) from fct_feature_cost_daily"
        " where feature = 'chat'",
    ) == [(Decimal("1636.084"), 362)]


def test_capacity_on_a_providers_invoice_ties_there_and_its_requests_stay_the_providers(
    company: Company,
) -> None:
    """Trap 25: tokens of bought capacity have no price of their own on the bill. An hour of 720
    costs 10: a quarter of one was used. The bill's line has its own request.
    """
    [tied] = company.query(
        "select invoice_status, invoice_amount, requests_cost, idle_capacity, unexplained"
        " from mart_reconciliation_monthly where provider = 'openai'"
        " and billing_month = date '2026-09-01'",
    )
    assert tied == ("tied", Decimal("7200.25"), Decimal("2.75"), Decimal("7197.5"), 0)
    assert company.query(
        "select provider, billing_account, feature, match_level, sum(quantity), sum(billed_cost)"
        " from fct_cost_allocations where feature = 'live' group by all",
    ) == [("openai", "org-o", "live", "capacity", 250, Decimal("2.5"))]
    assert company.query(
        "select sum(used_only_cost), sum(idle_cost) from mart_capacity_daily"
        " where pool = 'scale' and usage_date < date '2026-10-01'",
    ) == [(7200, Decimal("7197.5"))]


def test_tokens_of_a_pool_have_no_price_unless_prices_csv_says_one(company: Company) -> None:
    assert company.query(
        "select billing_account, model, price_status, sum(list_cost), sum(billed_cost) > 0"
        " from fct_requests left join (select request_key, sum(billed_cost) as billed_cost"
        " from fct_request_costs group by request_key) using (request_key)"
        " where provider = 'own' group by all order by all",
    ) == [
        ("gpu", "llama-3", "unpriced", None, True),
        ("ptu", "gpt-4o", "priced", Decimal(1000), True),
    ]


def test_a_changed_cost_moves_money_and_no_request(company: Company) -> None:
    file = company.folder / "reference" / "capacity.csv"
    requests = "select * from fct_requests order by request_key"
    before = company.query(requests)
    file.write_text(file.read_text().replace("8166.67", "7200"))
    company.build()
    assert company.query(requests) == before
    assert company.query(
        "select idle_capacity, requests_cost from mart_reconciliation_monthly"
        " where billing_account = 'gpu' and invoice_status = 'tied'",
    ) == [(Decimal(4320), Decimal(2880))]
