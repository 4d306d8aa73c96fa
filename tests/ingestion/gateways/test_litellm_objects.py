"""Every real object against values written by hand."""

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from litellm_logs import FIXTURES, batches, named, objects, row, rows, spendlogs, without

from ingestion.contracts import REQUESTS
from ingestion.landing.tables.arrow import to_arrow
from ingestion.records import Row
from ingestion.vocabulary import METERS, TOKEN_METERS

NUMBERS = {
    "input": "input_quantity",
    "cache_read": "cache_read_quantity",
    "write_5m": "cache_write_5m_quantity",
    "write_1h": "cache_write_1h_quantity",
    "output": "output_quantity",
    "audio_in": "audio_input_quantity",
    "audio_out": "audio_output_quantity",
    "image_out": "image_output_quantity",
    "images": "images_quantity",
    "searches": "web_searches_quantity",
    "reasoning": "reasoning_tokens",
    "total": "provider_total_tokens",
}
TEXTS = {
    "status": "status",
    "requested": "model_requested",
    "routed": "model_routed",
    "served": "model_served",
    "provider": "provider",
    "operation": "operation",
    "service_tier": "service_tier",
    "role": "attempt_role",
    "cache": "cache_layer",
    "team": "gateway_team_alias",
    "key": "gateway_key_alias",
    "customer": "customer_id",
}
LINEAGE = {"source": "litellm_prod", "batch": 1, "object_no": 0}
EXPECTED = list(csv.DictReader((FIXTURES / "expected.csv").open(newline="")))


def said(found: Row) -> dict[str, str]:
    """A row in the words of expected.csv."""
    tags = json.loads(found["attributes"]).get("tags", {})
    cost = found["gateway_cost"]
    return {
        **{name: str(found[column] or "") for name, column in NUMBERS.items()},
        **{name: found[column] or "" for name, column in TEXTS.items()},
        **{name: tags.get(name, "") for name in ("feature", "tier", "env")},
        "http": str(found["http_status"] or ""),
        "no": str(found["attempt_no"]),
        "estimated": "yes" if found["tokens_estimated"] else "",
        "ttl_assumed": "yes" if found["cache_ttl_assumed"] else "",
        "cost": "" if cost is None else f"{cost.normalize():f}",
    }


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda line: line["scenario"])
def test_object_reads_as_written_by_hand(expected: dict[str, str]) -> None:
    about = {"at", "scenario"}
    assert said(row(named(expected["at"]))) == {k: v for k, v in expected.items() if k not in about}


def test_every_object_is_expected() -> None:
    assert len(EXPECTED) == len(objects()) == 67
    assert all(any(f"time-{line['at']}" in key for key in objects()) for line in EXPECTED)


def test_rows_fit_the_contract_and_meters_make_the_total() -> None:
    found = rows(objects().values())
    table, misfits = to_arrow("requests", [one | LINEAGE for one in found])
    assert misfits == []
    assert table is not None and table.schema == REQUESTS
    tokens = [f"{meter}_quantity" for meter in TOKEN_METERS]
    for one in found:
        assert sum(one[meter] for meter in tokens) == one["provider_total_tokens"]


CALL = "cfff49c0-12dc-4045-95f1-66b8a0c4b729"
RESPONSE = "chatcmpl-92713a688d914109a7d0baef8677e"
FIRST = {f"{meter}_quantity": 0 for meter in METERS} | {
    "record_no": 0,
    "request_key": f"litellm:{CALL}:{RESPONSE}:success",
    "request_id_made": False,
    "request_id": RESPONSE,
    "call_id": CALL,
    "trace_id": "27e50c62-de84-457e-9b65-621750506838",
    "session_id": "27e50c62-de84-457e-9b65-621750506838",
    "provider_request_id": "req_5e0104d5c9464305bef2b7e86643115e",
    "user_id": "svc-search@acme.io",
    "customer_id": "cust-1001",
    "started_at": datetime(2026, 11, 21, 5, 37, 27, 97255, UTC),
    "ended_at": datetime(2026, 11, 21, 5, 37, 28, 174289, UTC),
    "latency_ms": 1077.034,
    "ttft_ms": None,
    "gateway_key_id": "b095adcc724f4f8a1b85094a159f0164bfe8a34524859411dbf0514747a71c06",
    "gateway_key_alias": "search-prod",
    "gateway_team": "team-7f3a-search",
    "gateway_team_alias": "Search",
    "deployment_id": "dep-gpt4o-openai-eu",
    "provider": "openai",
    "region": None,
    "route": "/v1/chat/completions",
    "operation": "chat",
    "model_requested": "gpt-4o",
    "model_routed": "openai/gpt-4o",
    "model_served": "gpt-4o",
    "model_mapped": "gpt-4o",
    "input_quantity": 412,
    "output_quantity": 96,
    "provider_total_tokens": 508,
    "reasoning_tokens": 0,
    "tokens_estimated": False,
    "cache_ttl_assumed": False,
    "service_tier": "standard",
    "service_tier_asked": None,
    "stream": False,
    "attempt_no": 1,
    "attempt_role": "primary",
    "status": "success",
    "http_status": None,
    "error_class": None,
    "finish_reason": "stop",
    "max_tokens": 200,
    "response_format": None,
    "cache_layer": "none",
    "prompt_version": None,
    "gateway_cost": Decimal("0.001990000000"),
    "evidence_rank": 2,
    "attributes": '{"metadata":{"customer_tier":"pro","feature":"search-answer"},'
    '"tags":{"env":"prod","feature":"search-answer","tier":"pro"}}',
    "unnamed_attributes": '{"metadata:cost_center":null,"metadata:trace_user_id":null,'
    '"metadata:used_client_oauth_token":null}',
}


def test_first_object_in_full() -> None:
    found = row(named("05-37-27-097255"))
    usage = found.pop("raw_usage")
    assert json.loads(usage) == named("05-37-27-097255")["metadata"]["usage_object"]
    assert len(found.pop("content_hash")) == 32
    assert found == dict.fromkeys(found) | FIRST


def test_streams_keep_their_first_token_and_finish_reasons_land() -> None:
    stream = row(named("05-37-31-131859"))
    assert (stream["stream"], stream["ttft_ms"]) == (True, 131.072)
    assert row(named("05-37-30-351927"))["finish_reason"] == "length"


def test_errors_name_their_class_and_the_providers_request() -> None:
    failed = row(named("05-37-52-245444"))
    assert failed["error_class"] == "RateLimitError"
    assert failed["provider_request_id"] == "req_98d4ea3e7a6e4e1f8572701a3664de3d"
    assert row(named("05-37-33-126041"))["error_class"] == "ClientDisconnected"


def test_a_cache_hit_keeps_the_claim_as_evidence_only() -> None:
    hit = row(named("05-37-33-604274"))
    assert json.loads(hit["raw_usage"])["prompt_tokens"] == 412
    assert hit["request_id"] == "chatcmpl-498942844c8941689e8b9a285ea05"


def test_attempts_of_one_call_share_its_id() -> None:
    first, second = row(named("05-37-44-964940")), row(named("05-37-47-549502"))
    assert first["call_id"] == second["call_id"] == first["request_id"]
    assert first["request_key"] != second["request_key"]


def test_batches_read_as_their_records_alone() -> None:
    for text in batches().values():
        logged = [json.loads(line) for line in text.splitlines()]
        alone = without((row(one) for one in logged), "record_no")
        assert without(rows(logged), "record_no") == alone
    assert sum(len(text.splitlines()) for text in batches().values()) == 7


def test_batched_requests_are_the_spendlogs_rows() -> None:
    logged = [json.loads(line) for text in batches().values() for line in text.splitlines()]
    stored = rows(spendlogs("llm-gateway-logs-batched"))
    assert {one["request_key"] for one in rows(logged)} == {one["request_key"] for one in stored}
    assert len(stored) == 7


def test_no_prompt_or_answer_lands() -> None:
    landed = repr(rows(objects().values())) + repr(rows(spendlogs()))
    for words in ("SCENARIO", "terse", "Here is an answer"):
        assert words in json.dumps(list(objects().values()))
        assert words not in landed
