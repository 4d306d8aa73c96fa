"""Helicone's sessions and properties, its cache, and a call that a trace tells, too."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, costs, line, write_company
from tests.scenarios.test_runs import MINI, exported, span

pytestmark = pytest.mark.whole

SETTINGS: Final = """\
company: Sessions
gateways:
  - {name: proxy, format: helicone, location: helicone}
  - {name: traces, format: otel, location: traces}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
BILL: Final = costs(line("2026-10-05", "gpt-4o-mini-2024-07-18, input", "6.00", 3_000_000))
ORIGINAL: Final = "7a1c0000-0000-4000-8000-000000000001"


def request(number: int, step: str = "", tokens: int = 1_000_000, **said: Any) -> str:
    session = {"Helicone-Session-Id": "s-1", "Helicone-Session-Path": step} if step else {}
    record = {
        "request_id": f"7a1c0000-0000-4000-8000-{number:012d}",
        "request_created_at": f"2026-10-05 12:00:{number:02d}.000",
        "response_status": 200,
        "provider": "OPENAI",
        "request_model": "gpt-4o-mini-2024-07-18",
        "prompt_tokens": tokens,
        "completion_tokens": 0,
        "delay_ms": 500,
        "cost": 2.0,
        "request_properties": {"Feature": "maps", "Team": "atlas", **session},
    }
    return json.dumps(record | said)


def test_a_session_is_a_run_and_a_call_that_two_tell_is_one(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    body = {"id": "chatcmpl-of-both", "model": "gpt-4o-mini-2024-07-18"}
    logged = (
        request(1, "/plan"),
        request(2, "/plan/draft"),
        request(3, response_body=body),
        request(4, "/plan", tokens=0, cost=0, cache_reference_id=ORIGINAL),
    )
    told = {**MINI, "gen_ai.response.id": "chatcmpl-of-both", "gen_ai.agent.name": "mapper"}
    used = {"gen_ai.usage.input_tokens": 1_000_000, "gen_ai.usage.output_tokens": 0}
    traced = span(1, None, gen_ai__operation__name="chat", **told, **used)
    files = {
        "openai/page.json": BILL,
        "helicone/2026-10-05.jsonl": "\n".join(logged),
        "traces/0.jsonl": exported(traced),
    }
    company = OwnCompany(compiled, write_company(tmp_path, files, SETTINGS))
    assert company.query(
        "select request_id[-1:], step, run_id, agent, observed_also_in, price_status"
        " from fct_requests order by request_id"
    ) == [
        ("1", "/plan", "s-1", None, None, "priced"),
        ("2", "/plan/draft", "s-1", None, None, "priced"),
        ("3", None, f"{1:032x}", "mapper", "traces", "priced"),
        ("4", "/plan", "s-1", None, None, "cached"),
    ]
    assert company.by("feature") == {"maps": Decimal(6)}
    assert company.query("select run_id, billed_cost from fct_run_costs where run_id = 's-1'") == [
        ("s-1", Decimal(4))
    ]
    hits = "select cache_layer, sum(requests), sum(hits) from mart_cache_daily group by all"
    assert {layer: (n, h) for layer, n, h in company.query(hits)}["gateway_exact"] == (1, 1)
