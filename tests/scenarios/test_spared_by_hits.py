"""Hits of a gateway's own cache, whose log repeats tokens that nobody used: what they spared."""

import json
from decimal import Decimal
from typing import Any

import pytest

from ingestion.gateways.openrouter import reader as openrouter
from ingestion.workspace.sources import Gateway
from tests.field.litellm_calls import MODEL, logged, rows
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import ZONE, Company, costs, line, write_company

SETTINGS = f"""\
company: Cached
timezone: {ZONE}
gateways:
  - {{name: proxy, format: litellm, location: logs, account: org-o}}
  - {{name: router, format: openrouter, location: router, account: org-r}}
  - {{name: edge, format: cloudflare, location: edge, account: org-o}}
bills:
  - {{name: openai, format: openai, account: org-o, location: openai}}
"""
# 3,000 fresh at 2.50 and 1,000 cached at 1.25 a million, 500 out at 10: 0.01375
COUNTED = {
    "prompt_tokens": 4000,
    "completion_tokens": 500,
    "total_tokens": 4500,
    "prompt_tokens_details": {"cached_tokens": 1000},
}
TOKENS = {"input": 3000, "cache_read": 1000, "output": 500}
SPARED = Decimal("0.01375")
HIT: dict[str, Any] = {"cache_hit": True, "request_tags": ["team:search"]}
CALLS = (
    logged("paid", "2026-10-08T10:00:00Z", COUNTED, request_tags=["team:search"]),
    logged("hit", "2026-10-08T10:00:05Z", COUNTED, **HIT),
    logged("hit2", "2026-10-08T10:00:06Z", COUNTED, **HIT, response_cost=0.0),
    # nobody has a price of it
    logged("odd", "2026-10-08T10:00:07Z", COUNTED, **HIT | {"model": "model-of-nobody"}),
    # parts that are more than their whole: a hit all the same
    logged("bad", "2026-10-08T10:00:08Z", COUNTED | {"total_tokens": 9}, **HIT),
)
GENERATION = {
    "data": {
        "id": "gen-1",
        "created_at": "2026-10-08T11:00:00Z",
        "model": "openai/gpt-4o",
        "total_cost": 0,
        "usage": 0,
        "tokens_prompt": 4000,
        "native_tokens_prompt": 4000,
        "native_tokens_completion": 500,
        "native_tokens_cached": 1000,
        "response_cache_source_id": "gen-0",
        "finish_reason": "stop",
    }
}
EDGE = {
    "id": "01J0000000000000000000EDGE",
    "created_at": "2026-10-08T12:00:00Z",
    "provider": "openai",
    "model": MODEL,
    "success": True,
    "cached": True,
    "tokens_in": 4000,
    "tokens_out": 500,
}


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = {
        "logs/2026-10-08.jsonl": "".join(json.dumps(each) + "\n" for each in CALLS),
        "router/2026-10-08.jsonl": json.dumps(GENERATION) + "\n",
        "edge/2026-10-08.jsonl": json.dumps(EDGE) + "\n",
        "openai/page.json": costs(
            line("2026-10-08", "gpt-4o-2024-08-06, input", "0.0075", 3000),
            line("2026-10-08", "gpt-4o-2024-08-06, cached input", "0.00125", 1000),
            line("2026-10-08", "gpt-4o-2024-08-06, output", "0.005", 500),
        ),
    }
    return Company(project, write_company(tmp_path_factory.mktemp("hits"), files, SETTINGS))


def test_what_hits_spared_is_known_and_what_has_no_price_is_not(company: Company) -> None:
    assert company.query(
        "select request_id, price_status, list_cost, avoided_cost from fct_requests"
        " where source = 'proxy' and team = 'search' order by started_at"
    ) == [
        ("paid", "priced", SPARED, Decimal("0.00125")),
        ("hit", "cached", 0, SPARED),
        ("hit2", "cached", 0, SPARED),
        ("odd", "cached", 0, None),
        ("bad", "cached", 0, None),
    ]
    assert company.query(
        "select cache_layer, sum(hits), sum(avoided_cost), sum(hits_unpriced) from mart_cache_daily"
        " where cache_layer = 'gateway_exact' and source = 'proxy' group by all"
    ) == [("gateway_exact", 4, 2 * SPARED, 2)]


def test_nobody_used_what_hits_repeat(company: Company) -> None:
    assert company.query(
        "select sum(input_quantity), sum(cache_read_quantity), sum(output_quantity),"
        " sum(provider_total_tokens) from fct_requests where cache_layer = 'gateway_exact'"
    ) == [(0, 0, 0, 0)]
    assert company.query(
        "select sum(input_quantity), sum(cache_read_quantity), sum(output_quantity)"
        " from fct_cost_daily where provider = 'openai'"
    ) == [(3000, 1000, 500)]
    assert company.by("team")["search"] == SPARED


def test_a_hit_of_a_router_without_a_price_is_no_saving_of_nothing(company: Company) -> None:
    assert company.query(
        "select cache_layer, input_quantity, avoided_cost from fct_requests where source = 'router'"
    ) == [("gateway_exact", 0, None)]
    gateway = Gateway("router", "openrouter", "/logs", {})
    [row] = openrouter.read_object(json.dumps(GENERATION).encode(), "g", gateway).rows["requests"]
    assert json.loads(row["raw_usage"])["spared"] == TOKENS


def test_a_hit_of_a_gateway_that_counts_no_cached_tokens_spared_them_as_fresh_ones(
    company: Company,
) -> None:
    """4,000 at 2.50 and 500 at 10 a million."""
    assert company.query(
        "select price_status, input_quantity, avoided_cost from fct_requests where source = 'edge'"
    ) == [("cached", 0, Decimal("0.015"))]


def test_the_reader_keeps_the_tokens_apart() -> None:
    paid, hit, *_, bad = rows(*CALLS)
    assert json.loads(hit["raw_usage"])["spared"] == TOKENS
    assert (hit["input_quantity"], hit["provider_total_tokens"], hit["tokens_estimated"]) == (
        *(0, 0, False),
    )
    assert "spared" not in json.loads(paid["raw_usage"])
    assert "spared" not in json.loads(bad["raw_usage"])
