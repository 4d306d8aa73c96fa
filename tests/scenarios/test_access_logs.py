"""Logs of four proxies in one company: each call has its owner, a hit of a cache costs nothing."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, costs, line, write_company

FIXTURES: Final = Path(__file__).parents[1] / "ingestion" / "gateways" / "fixtures"
MODEL: Final = "gpt-4o-2024-08-06"
SETTINGS: Final = """\
company: Proxies
gateways:
  - {name: cloudflare, format: cloudflare, location: cloudflare}
  - {name: kong, format: kong, location: kong}
  - {name: envoy, format: envoy, location: envoy, columns: {"tag:team": [squad, x-team]}}
  - {name: agentgateway, format: agentgateway, location: agentgateway}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
# 2.50 dollars for a million tokens
BILL: Final = costs(line("2026-10-05", f"{MODEL}, input", "1.00", 400_000))


def record(log_format: str, file: str, number: int = 0) -> dict[str, Any]:
    data = json.loads((FIXTURES / log_format / file).read_bytes().splitlines()[number])
    found: dict[str, Any] = data["result"][number] if "result" in data else data
    return found


def cloudflare() -> list[dict[str, Any]]:
    one = record("cloudflare", "logs.json") | {"tokens_in": 100_000, "tokens_out": 0}
    one |= {"model": MODEL, "metadata": '{"team":"chat"}', "created_at": "2026-10-05T10:30:00Z"}
    return [one, one | {"id": "hit", "cached": True, "created_at": "2026-10-05T11:00:00Z"}]


def kong() -> list[dict[str, Any]]:
    """A call, an answer of the semantic cache, a call of another API."""
    entries = []
    for number in (0, 8):
        entry = record("kong", "entries.jsonl", number)
        counts = {"prompt_tokens": 100_000, "completion_tokens": 0, "total_tokens": 100_000}
        entry["ai"]["proxy"]["usage"] = counts
        entry["ai"]["proxy"]["meta"]["request_model"] = MODEL
        entries.append(entry)
    return [*entries, record("kong", "entries.jsonl", 11)]


def envoy() -> list[dict[str, Any]]:
    counts = {"gen_ai.usage.input_tokens": 100_000, "gen_ai.usage.output_tokens": 0}
    said = {"gen_ai.usage.total_tokens": 100_000, "gen_ai.request.model": MODEL, "x-team": "hr"}
    return [
        record("envoy", "access.jsonl") | {"start_time": "2026-10-05T12:00:00Z"} | counts | said
    ]


def agentgateway() -> list[dict[str, Any]]:
    counts = {"gen_ai.usage.input_tokens": 100_000, "gen_ai.usage.output_tokens": 0}
    said = {"gen_ai.response.model": MODEL, "agentgateway.group": "research"}
    return [
        record("agentgateway", "requests.jsonl") | {"time": "2026-10-05T13:00:00Z"} | counts | said
    ]


@pytest.fixture
def company(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> OwnCompany:
    files = {"openai/page.json": BILL}
    for made in (cloudflare, kong, envoy, agentgateway):
        files[f"{made.__name__}/log.jsonl"] = "\n".join(map(json.dumps, made())) + "\n"
    return OwnCompany(compiled, write_company(tmp_path, files, SETTINGS))


def test_every_call_has_its_owner_and_a_hit_is_what_was_spared(company: OwnCompany) -> None:
    quarter = Decimal("0.25")
    assert company.by("team") == dict.fromkeys(("chat", "hr", "research", "search"), quarter)
    assert company.query(
        "select source, cache_layer, price_status, contracted_cost, avoided_cost from fct_requests"
        " where cache_layer <> 'none' order by source"
    ) == [
        ("cloudflare", "gateway_exact", "cached", 0, quarter),
        ("kong", "semantic", "cached", 0, quarter),
    ]
    # the request of another API is none of ours, and none is lost
    assert company.query("select source, count(*) from fct_requests group by all order by all") == [
        *(("agentgateway", 1), ("cloudflare", 2), ("envoy", 1), ("kong", 2)),
    ]
