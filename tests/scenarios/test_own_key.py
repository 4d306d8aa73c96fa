"""A router that calls with the company's own key (trap 21): the cost is the upstream's, once."""

from decimal import Decimal
from pathlib import Path

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

SETTINGS = """\
company: Router
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, gateway_team: team, deployment_id: deployment}
bills:
  - {name: openrouter, format: openrouter, account: org-r, location: openrouter}
  - {name: openai, format: openai, account: org-o, location: openai}
"""
CALLS = (
    call(
        *("2026-10-05T10:00:00Z", "openai/gpt-4o", 1000, 100),
        provider="openrouter",
        team="search",
        deployment="router",
    ),
    call(
        *("2026-10-05T11:00:00Z", "openai/gpt-4o", 600, 50),
        provider="openrouter",
        team="chat",
        deployment="router-own-key",
    ),
)
# OpenRouter's dollars of the call with the own key are its fee; OpenAI's bill has its 2.00.
ACTIVITY = """{"data": [
  {"date": "2026-10-05", "model": "openai/gpt-4o", "model_permaslug": "openai/gpt-4o-2024-08-06",
   "endpoint_id": "e1", "provider_name": "Azure", "usage": 3.5, "byok_usage_inference": 0,
   "requests": 1, "prompt_tokens": 1000, "completion_tokens": 100, "reasoning_tokens": 0},
  {"date": "2026-10-05", "model": "openai/gpt-4o", "model_permaslug": "openai/gpt-4o-2024-08-06",
   "endpoint_id": "e2", "provider_name": "OpenAI", "usage": 0.1, "byok_usage_inference": 2.0,
   "requests": 1, "prompt_tokens": 600, "completion_tokens": 50, "reasoning_tokens": 0}
]}"""
OPENAI = costs(
    line("2026-10-05", "gpt-4o-2024-08-06, input", "1.50", 600),
    line("2026-10-05", "gpt-4o-2024-08-06, output", "0.50", 50),
)
DEPLOYMENTS = """\
gateway,deployment_id,provider,billing_account
proxy,router-own-key,openai,org-o
"""
INVOICES = """\
provider,billing_account,invoice_id,billing_month,amount,currency
openrouter,org-r,R-10,2026-10,3.60,USD
openai,org-o,O-10,2026-10,2.00,USD
"""


SPENT = (
    "select provider, team, residual_cause, sum(billed_cost) from fct_cost_allocations"
    " where billed_cost <> 0 group by all order by all"
)
FILES = {
    "logs/a.jsonl": log(CALLS),
    "openrouter/2026-10.json": ACTIVITY,
    "openai/2026-10.json": OPENAI,
    "reference/invoices.csv": INVOICES,
}


def test_what_an_own_key_paid_upstream_is_counted_once(
    project: CompiledProject, tmp_path: Path
) -> None:
    files = {**FILES, "reference/deployments.csv": DEPLOYMENTS}
    told = Company(project, write_company(tmp_path, files, SETTINGS))
    statuses = "select provider, invoice_status, unexplained from mart_reconciliation_monthly"
    assert sorted(told.query(statuses)) == [("openai", "tied", 0), ("openrouter", "tied", 0)]
    assert told.query(SPENT) == [
        ("openai", "chat", None, Decimal("2")),
        # the router's fee: deployments.csv says that the call is OpenAI's
        ("openrouter", "__unallocated__", "unlogged_usage", Decimal("0.1")),
        ("openrouter", "search", None, Decimal("3.5")),
    ]


def test_an_own_key_that_nobody_told_of(project: CompiledProject, tmp_path: Path) -> None:
    """OpenRouter's dollars are its own, OpenAI's have no call, and none is estimated beside."""
    told = Company(project, write_company(tmp_path, FILES, SETTINGS))
    assert told.by("coalesce(residual_cause, provider)") == {
        "openrouter": Decimal("3.6"),
        "outside_gateway": Decimal("2"),
    }
    assert told.value("select sum(estimated_cost) from fct_cost_allocations") == 0
