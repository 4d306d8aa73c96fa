"""mart_focus is the bill, split: tax, credits, refunds, and what no request explains."""

import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from companies import Company, OwnCompany, Rows, call, log, write_company
from test_focus_company import AWS, AZURE, OPENAI, focus

from ingestion.workspace.settings import Workspace
from orchestration.exports.focus import ORDER, focus_files
from tests.pipeline.compiled_project import CompiledProject

OCTOBER = date(2026, 10, 1)
TEAM = "=cmd|\"a\", 'b' \u65e5\u672c{}\\"
SETTINGS = """\
company: Focus
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, gateway_team: team}
bills:
  - {name: clouds, format: focus, account: northwind, location: clouds}
"""
EURO = {"BillingCurrency": "EUR"}
ROWS = (
    OPENAI
    | {"BilledCost": "2.50", "ChargeDescription": "gpt-4o, input", "ConsumedQuantity": "1000"},
    OPENAI
    | {"BilledCost": "0.07", "ChargeDescription": "gpt-4o, cached input", "ConsumedQuantity": "90"},
    OPENAI
    | {"BilledCost": "1.00", "ChargeDescription": "gpt-4o, output", "ConsumedQuantity": "100"},
    OPENAI
    | {"BilledCost": "-0.25", "ChargeDescription": "gpt-4o, input", "ConsumedQuantity": "-100"},
    OPENAI | {"BilledCost": "0.05", "ChargeDescription": "web search tool calls"},
    OPENAI | {"BilledCost": "0.35", "ChargeDescription": "VAT", "ChargeCategory": "Tax"},
    OPENAI | {"BilledCost": "-0.5", "ChargeDescription": "Grant", "ChargeCategory": "Credit"},
    OPENAI | {"BilledCost": "3", "ChargeDescription": "Support", "ChargeCategory": "Purchase"},
    AWS | EURO | {"BilledCost": "0.30", "SkuMeter": "Input Tokens", "ConsumedQuantity": "100"},
    AWS | EURO | {"BilledCost": "0.07", "SkuMeter": "Guardrail Lanes", "SkuPriceDetails": ""},
    AZURE | {"BilledCost": "0.44", "SkuMeter": "gpt-4o input tokens", "ConsumedQuantity": "200"},
)
CALLS = (
    call("2026-10-05T10:00:00Z", "gpt-4o", 500, 60, provider="openai", team=TEAM),
    call("2026-10-05T11:00:00Z", "gpt-4o", 300, 40, provider="openai", team="it"),
    call("2026-10-05T12:00:00Z", "gpt-4o", 200, provider="azure", team="it"),
)
INVOICES = """\
provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency
openai,org,O-10,2026-10,6.23,0.35,-0.5,USD
aws,1111,A-10,2026-10,0.37,,,EUR
azure,ea,M-10,2026-10,0.48,0.04,,USD
"""
QUOTED = '"' + TEAM.replace('"', '""') + '"'
TEAMS = f"""\
team_id,team_name,cost_center,valid_from,valid_to
it,IT,CC1,,2026-10-05
it,IT,CC2,2026-10-05,
{QUOTED},Odd,"CC,3",,
"""
FILES = {
    "logs/a.jsonl": log(CALLS),
    "reference/invoices.csv": INVOICES,
    "reference/teams.csv": TEAMS,
    "reference/fx_rates.csv": (
        "date,from_currency,to_currency,rate,source\n2026-10-31,EUR,USD,1.25,ECB\n"
    ),
}
PER_ACCOUNT = """
    select provider, billing_account, billing_month, invoice_status, unexplained, allocated,
        invoice_amount_in_billing_currency
    from mart_reconciliation_monthly order by all
"""


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = FILES | {"clouds/2026-10.csv": focus(ROWS)}
    return Company(project, write_company(tmp_path_factory.mktemp("focus"), files, SETTINGS))


def billed(company: Company) -> Rows:
    return company.query(
        'select "x_Provider", "BillingAccountId", "BillingCurrency", sum("BilledCost"),'
        ' sum("EffectiveCost"), sum("x_BilledCostInReportingCurrency")'
        " from mart_focus group by all order by all"
    )


def test_each_account_is_its_invoice_in_the_bills_own_currency(company: Company) -> None:
    assert [row[3] for row in company.query(PER_ACCOUNT)] == ["tied"] * 3
    assert billed(company) == [
        ("aws", "1111", "EUR", Decimal("0.37"), Decimal("0.37"), Decimal("0.4625")),
        ("azure", "ea", "USD", *[Decimal("0.48")] * 3),
        ("openai", "org", "USD", *[Decimal("6.23")] * 3),
    ]


def test_every_charge_is_replaced_by_its_rows(company: Company) -> None:
    wrong = company.query(
        'select charge_id from fct_charges left join mart_focus on charge_id = "x_ChargeId"'
        " group by all having any_value(billed_cost_in_billing_currency)"
        ' is distinct from sum("BilledCost")'
    )
    assert wrong == []
    per_team = company.query(
        'select json_extract_string("Tags", \'$.team\'), sum("x_BilledCostInReportingCurrency")'
        " from mart_focus group by all order by all"
    )
    assert dict(per_team) == company.by("team")


def test_rows_have_an_order(company: Company) -> None:
    columns = ", ".join(f'"{name}"' for name in ORDER)
    assert company.query(f"select {columns} from mart_focus group by all having count(*) > 1") == []


def test_tags_are_the_owner_with_its_cost_centre_whatever_it_is_called(company: Company) -> None:
    tags = [json.loads(text) for (text,) in company.query('select distinct "Tags" from mart_focus')]
    assert {name for tag in tags for name in tag} == {
        *("feature", "team", "tier", "environment", "plan", "cost_center")
    }
    centers = {tag["team"]: tag["cost_center"] for tag in tags}
    assert centers == {TEAM: "CC,3", "it": "CC2", "__unallocated__": "__unallocated__"}


def test_each_category_has_what_focus_asks_of_it(company: Company) -> None:
    found = company.query(
        'select distinct "ChargeCategory", "ChargeFrequency", "PricingCategory", "SkuMeter",'
        ' "PricingUnit" from mart_focus where "BillingAccountId" = \'org\' order by all'
    )
    assert found == [
        ("Adjustment", "One-Time", None, None, None),
        ("Credit", "One-Time", None, None, None),
        ("Purchase", "One-Time", "Standard", "fee", None),
        ("Tax", "One-Time", None, None, None),
        ("Usage", "Usage-Based", "Standard", "Cache Read Input Tokens", "1000000 Tokens"),
        ("Usage", "Usage-Based", "Standard", "Input Tokens", "1000000 Tokens"),
        ("Usage", "Usage-Based", "Standard", "Output Tokens", "1000000 Tokens"),
        ("Usage", "Usage-Based", "Standard", "web_searches", None),
    ]


def test_a_price_that_nobody_knows_is_told_and_never_zero(company: Company) -> None:
    unknown = company.query(
        'select count(*) from mart_focus where "x_ListCostInReportingCurrency" is null'
        ' and "ListCost" <> "BilledCost"'
    )
    assert unknown == [(0,)]
    [(listed, as_billed)] = company.query(
        'select sum("ListCost"), sum("BilledCost") from mart_focus'
        " where \"BillingCurrency\" = 'EUR'"
    )
    assert listed == as_billed


def test_shares_of_a_charge_are_all_of_it(company: Company) -> None:
    """As FOCUS 1.3 has them: of what nobody has, and nothing shares, there is none."""
    left = focus_files(company.connection, OCTOBER, "billed")["focus_1_3.parquet"]
    rows = pq.read_table(io.BytesIO(left.data)).to_pylist()
    shares: dict[str, Decimal] = {}
    for row in rows:
        if row["AllocatedMethodDetails"]:
            [share] = json.loads(row["AllocatedMethodDetails"], parse_float=Decimal)["Elements"]
            charge = row["x_ChargeId"]
            shares[charge] = shares.get(charge, Decimal(0)) + share["AllocatedRatio"]
    assert len(shares) > 3
    assert set(shares.values()) == {1}
    alone = [row for row in rows if not row["AllocatedMethodId"]]
    assert {row["ChargeCategory"] for row in alone} > {"Tax", "Credit"}
    assert [row for row in alone if row["AllocatedTags"] or row["AllocatedResourceId"]] == []
    names = {row["AllocatedResourceName"] for row in rows}
    assert names == {None, TEAM, "it"}
    assert sum(row["BilledCost"] for row in rows) == sum(row[3] for row in billed(company))


def test_a_month_is_summed_of_its_own_allocations(company: Company) -> None:
    """Whoever asks the mart for a month: not of all, to leave the others out of the sums."""
    [(_, plan)] = company.query(
        "explain (format json) select * from mart_focus"
        f" where \"BillingPeriodStart\" = timestamp '{OCTOBER}'"
    )
    sums = [node for node in _below(json.loads(plan)) if "GROUP_BY" in node["name"]]
    assert sums
    for node in sums:
        assert "billing_month" in str(node["children"])
        assert str(OCTOBER) in str(node["children"])


def _below(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for node in nodes for each in (node, *_below(node["children"]))]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_what_left_is_read_back_as_a_bill_of_the_same_totals(
    company: Company, project: CompiledProject, tmp_path: Path, form: str
) -> None:
    left = focus_files(company.connection, OCTOBER, "billed")[f"focus_1_2.{form}"]
    folder = write_company(tmp_path, FILES, SETTINGS)
    (folder / "clouds").mkdir()
    (folder / f"clouds/2026-10.{form}").write_bytes(left.data)
    again = Company(project, folder)
    assert again.query(PER_ACCOUNT) == company.query(PER_ACCOUNT)
    assert billed(again) == billed(company)
    measured = "select meter, sum(quantity) from fct_cost_allocations group by all order by all"
    quantities: list[Any] = [each.query(measured) for each in (company, again)]
    assert quantities[0] == quantities[1]


def test_a_payment_for_a_commitment_is_paid_once_and_used_month_by_month(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    """In the bill's euros, at the payment's own rate: 84,000 of a year are 7,000 a month."""
    payment = "provider,billing_account,invoice_id,billing_month,kind,amount,currency,commitment_id"
    terms = "commitment_id,provider,committed_amount,period,discount_percent,owner,valid_from"
    used = call("2026-10-06T10:00:00Z", "yearly", 3000, provider="beta", team="it")
    files = FILES | {
        "logs/a.jsonl": log([used]),
        "reference/invoices.csv": f"{payment}\nbeta,main,B-1,2026-10,commitment,84000,EUR,year\n",
        "reference/commitments.csv": f"{terms}\nyear,beta,120000,year,30,hr,2026-10-01\n",
        "reference/prices.csv": (
            "provider,model,meter,unit_price_per_million\nbeta,yearly,input,1000000\n"
        ),
        "clouds/2026-10.csv": focus([OPENAI | {"BilledCost": "1", "ChargeDescription": "x"}]),
    }
    settings = SETTINGS + "since: 2026-10-01\n"
    company = OwnCompany(compiled, write_company(tmp_path, files, settings))
    found = company.query(
        'select "ChargeCategory", "CommitmentDiscountStatus", "PricingCategory", sum("BilledCost"),'
        ' sum("EffectiveCost") from mart_focus where "BillingAccountId" = \'main\''
        " and \"BillingPeriodStart\" = '2026-10-01' group by all order by all"
    )
    assert len(found) == 3, found
    [paid, unused, in_use] = found
    assert paid == ("Purchase", None, "Standard", 84000, 0)
    assert (unused[:4], in_use[:4]) == (
        ("Usage", "Unused", "Committed", 0),
        ("Usage", "Used", "Committed", 0),
    )
    assert unused[4] + in_use[4] == 7000
    assert in_use[4] > 0
