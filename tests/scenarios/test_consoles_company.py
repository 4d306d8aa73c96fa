"""Months that were saved from the consoles as CSV: every cent has its cause, and they tie."""

from decimal import Decimal
from pathlib import Path

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

SETTINGS = """\
company: Consoles
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, gateway_team: team}
bills:
  - {name: openai, format: openai_csv, account: org-o, location: openai}
  - {name: anthropic, format: anthropic_csv, account: org-a, location: anthropic}
"""
OPENAI = (
    "start_time,end_time,amount_value,amount_currency,quantity,quantity_unit,line_item,api_key_id\n"
    '1791158400,1791244800,2.50,usd,1000,tokens,"gpt-4o, input",key_s\n'
    '1791158400,1791244800,1.00,usd,100,tokens,"gpt-4o, output",key_s\n'
    "1791158400,1791244800,0.07,usd,,,gpt quantum 9,key_s\n"
    "1791244800,1791331200,,,,,,\n"
    "1791244800,1791331200,0.35,usd,,,VAT,\n"
)
ANTHROPIC = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,"
    "cost_type,inference_geo,speed,api_key_id\n"
    "2026-10-05,Claude Sonnet 4.5,Default,chat,message,≤ 200k,input_no_cache,0.30,token,,,key_c\n"
    "2026-10-05,Claude Sonnet 4.5,Default,chat,message,≤ 200k,output,0.15,token,,,key_c\n"
    "2026-10-05,Claude Sonnet 4.5,Default,lab,message,≤ 200k,output,0.11,token,,,key_l\n"
)
CALLS = (
    call(
        "2026-10-05T10:00:00Z", "gpt-4o", 1000, 100, provider="openai", key="key_s", team="search"
    ),
    call(
        *("2026-10-05T11:00:00Z", "claude-sonnet-4-5-20250929", 100, 10),
        provider="anthropic",
        key="key_c",
        team="chat",
    ),
)
INVOICES = """\
provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency
openai,org-o,O-10,2026-10,3.92,0.35,,USD
anthropic,org-a,A-10,2026-10,0.56,,,USD
"""


def test_months_of_both_consoles_tie(project: CompiledProject, tmp_path: Path) -> None:
    files = {
        "logs/a.jsonl": log(CALLS),
        "openai/cost_2026-10.csv": OPENAI,
        "anthropic/claude_api_cost_2026_10.csv": ANTHROPIC,
        "reference/invoices.csv": INVOICES,
    }
    told = Company(project, write_company(tmp_path, files, SETTINGS))
    statuses = "select provider, invoice_status, unexplained from mart_reconciliation_monthly"
    assert sorted(told.query(statuses)) == [("anthropic", "tied", 0), ("openai", "tied", 0)]
    owned = (
        "select provider, team, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause is null group by all order by all"
    )
    assert told.query(owned) == [
        ("anthropic", "chat", Decimal("0.45")),
        ("openai", "search", Decimal("3.5")),
    ]
    causes = (
        "select provider, residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause <> 'rounding' group by all order by all"
    )
    assert told.query(causes) == [
        ("anthropic", "outside_gateway", Decimal("0.11")),
        ("openai", "tax", Decimal("0.35")),
        ("openai", "unparsed", Decimal("0.07")),
    ]


def test_a_dashboards_export_that_was_not_grouped_keeps_its_money(
    project: CompiledProject, tmp_path: Path
) -> None:
    export = (
        "start_time\tend_time\tamount_value\tamount_currency\tline_item\tproject_id\n"
        "1791158400\t1791244800\t0.8958740000000000\tusd\t\t\n"
        "1791244800\t1791331200\t0.5617712500000000\tusd\t\t\n"
        "1791331200\t1791417600\t\t\t\t\n"
    )
    files = {"logs/a.jsonl": log(CALLS), "openai/cost.tsv": export, "anthropic/a.csv": ANTHROPIC}
    told = Company(project, write_company(tmp_path, files, SETTINGS))
    cost = (
        "select residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where provider = 'openai' and residual_cause <> 'rounding' group by all"
    )
    assert told.query(cost) == [("unparsed", Decimal("1.45764525"))]
