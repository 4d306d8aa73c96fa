"""Where no bill is read, what a provider states of each request is the estimate."""

import json
from decimal import Decimal
from pathlib import Path

from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, costs, line, write_company

SETTINGS = f"""\
company: Router
timezone: {ZONE}
gateways:
  - {{name: proxy, format: litellm, location: logs, account: acme}}
bills:
  - {{name: openai, format: openai, account: acme, location: openai}}
"""
BILL = costs(line("2026-10-20", "gpt-4o, input", "1.00", 100))


def call(name: str, team: str, provider: str, **stated: float) -> str:
    """A thousand tokens in, a hundred out; LiteLLM itself claims a tenth of a cent."""
    counted = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, **stated}
    return json.dumps(
        logged(
            *(name, "2026-10-08T10:00:00Z", counted),
            custom_llm_provider=provider,
            model=f"{provider}/model-of-nobody",
            request_tags=[f"team:{team}"],
        )
    )


CALLS = (
    call("a", "search", "openrouter", cost=0.0123),
    call("b", "chat", "xai", cost_in_usd_ticks=127344000),
    # LiteLLM's own figure under another provider's name, and no price anywhere
    call("c", "chat", "deepseek", cost=0.5),
)


def test_the_estimate_is_what_the_provider_states(project: CompiledProject, tmp_path: Path) -> None:
    files = {"logs/2026-10-08.jsonl": "\n".join(CALLS) + "\n", "openai/page.json": BILL}
    company = Company(project, write_company(tmp_path, files, SETTINGS))
    estimated = company.query(
        "select provider, team, allocation_method, sum(estimated_cost) from fct_cost_allocations"
        " where cost_basis = 'estimated' group by all order by all"
    )
    assert estimated == [
        ("deepseek", "chat", "contracted_cost", None),
        ("openrouter", "search", "stated_cost", Decimal("0.0123")),
        ("xai", "chat", "stated_cost", Decimal("0.0127344")),
    ]
    drift = company.query(
        "select provider, stated_cost, contracted_cost, drift, unpriced_stated_cost"
        " from mart_stated_cost_daily order by provider"
    )
    assert drift == [
        ("openrouter", Decimal("0.0123"), None, 0, Decimal("0.0123")),
        ("xai", Decimal("0.0127344"), None, 0, Decimal("0.0127344")),
    ]
    # each request has its own
    requests = (
        "select sum(estimated_cost) from fct_request_costs join fct_requests using (request_key)"
    )
    assert company.value(f"{requests} where provider = 'xai'") == Decimal("0.0127344")
