"""Bedrock's model invocation log: what each of its records is, by hand."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.bedrock_invocations import reader as bedrock
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "bedrock_invocations" / "invocations.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
NONE = (None,) * 8
# By the last figure of the request's id: input, cache read, writes of 5m and 1h, output, total,
# reasoning, whether the writes' time is assumed; status, HTTP status, finish reason, stream.
EXPECTED = {
    1: (35, 0, 0, 0, 446, 481, 0, False, "success", None, "end_turn", False),
    2: (12, 20000, 500, 1000, 210, 21722, 0, False, "success", None, "max_tokens", True),
    3: (9, 200, 0, 300, 4, 513, 0, False, "success", None, "end_turn", True),
    4: (100, 0, 0, 0, 250, 350, 180, False, "success", None, None, False),
    5: (*NONE, "success", None, None, True),
    6: (0, 0, 0, 0, 0, 0, 0, False, "error", 429, None, False),
    7: (4, 0, 0, 0, 38, 42, 0, False, "success", None, "end_turn", False),
    8: (*NONE, "error", 424, None, True),
    10: (7, 0, 50, 0, 8, 65, 0, True, "success", None, None, False),
    11: (5, 0, 0, 0, 0, 5, 0, False, "success", None, None, False),
}


def read(data: bytes, name: str = "10/20261005T1000_ab.json.gz", **named: Any) -> Parsed:
    gateway = Gateway("upstream", "bedrock_invocations", "/logs", {}, **named)
    return bedrock.read_object(data, name, gateway)


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_key"][-4:]): row for row in parsed.rows["requests"]}


def said(row: Row) -> tuple[Any, ...]:
    meters = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    others = (
        *("provider_total_tokens", "reasoning_tokens", "cache_ttl_assumed"),
        *("status", "http_status", "finish_reason", "stream"),
    )
    return (*(row[f"{meter}_quantity"] for meter in meters), *(row[name] for name in others))


@pytest.mark.parametrize("packed", [False, True])
def test_each_record_is_what_it_says(packed: bool) -> None:
    data = FIXTURE.read_bytes()
    parsed = read(gzip.compress(data) if packed else data)
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the record that came twice is one by its key
    assert (parsed.records, len(parsed.rows["requests"])) == (12, 11)


def test_a_malformed_record_is_told_alone_with_its_day() -> None:
    [reject] = read(FIXTURE.read_bytes()).rejects
    assert (reject.record_no, reject.field) == (11, "input.inputTokenCount")
    assert (reject.value, str(reject.day)) == ("a text of 4 characters", "2026-10-05")


def test_the_response_is_known_by_both_of_its_ids() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    assert rows[2]["provider_request_id"] == "00000000-0000-4000-8000-000000000002"
    assert rows[2]["request_id"] == "msg_bdrk_01abcdefgh"
    assert rows[1]["request_id"] == rows[1]["provider_request_id"]
    assert (rows[2]["latency_ms"], rows[2]["ttft_ms"]) == (3037.0, 635.0)


def test_who_called_where_and_what() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    row = rows[2]
    assert (row["provider"], row["sub_account_hint"], row["region"]) == (
        *("aws", "123456789012", "us-east-1"),
    )
    assert row["user_id"].endswith("assumed-role/search-api/ann@acme.org")
    assert row["credential_hint"] == row["user_id"]
    assert row["model_served"] == "claude-sonnet-4-5-20250929"
    assert (row["max_tokens"], rows[1]["max_tokens"]) == (1024, 512)
    assert (rows[3]["service_tier"], rows[11]["operation"]) == ("flex", "embeddings")
    profile = rows[10]
    assert profile["deployment_id"] == profile["model_routed"]
    assert rows[1]["deployment_id"] is None


def test_metadata_of_the_request_and_the_role_are_owners() -> None:
    named = NamedPlaces(("metadata:feature", "metadata:team", "metadata:identity.role"), "/none")
    rows = by_number(read(FIXTURE.read_bytes(), named=named))
    assert json.loads(rows[1]["attributes"]) == {
        "metadata": {"feature": "search", "identity.role": "search-api", "team": "Atlas"}
    }
    assert "amber" not in str(rows).lower()


def test_what_lies_beside_the_log_is_no_record_of_it() -> None:
    for name in (
        "AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/10/05/10/data/r-1_output.json.gz",
        "AWSLogs/1/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check",
    ):
        parsed = read(b"anything", name)
        assert (parsed.records, parsed.foreign, parsed.rejects) == (1, 1, [])
    for other in (b"{}", b'{"schemaType":"Other","modelId":"m"}', b"[1]", b'{"modelId":"m"}'):
        parsed = read(other)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_a_body_of_any_shape_costs_no_record() -> None:
    record = json.loads(LINES[0])
    for body in ("text", '{"usage":{}}', [1, "x"], 7, {"usage": "none", "message": 3}, [[]]):
        record["output"]["outputBodyJson"] = record["input"]["inputBodyJson"] = body
        [row] = read(json.dumps(record).encode()).rows["requests"]
        assert (row["input_quantity"], row["output_quantity"]) == (35, 446)


def test_a_character_that_was_cut_costs_no_record() -> None:
    [row] = read(LINES[0].replace(b"Amber.", rb"Amb\ud83d")).rows["requests"]
    assert said(row) == EXPECTED[1]


def test_a_total_that_the_counts_do_not_make_is_quarantined() -> None:
    record = json.loads(LINES[2])
    record["output"]["outputBodyJson"]["usage"]["totalTokens"] = 600
    [reject] = read(json.dumps(record).encode()).rejects
    assert (reject.field, "513" in reject.reason) == ("usage.totalTokens", True)


def test_it_declares_the_cache_beside_the_input_and_sees_what_the_provider_sees() -> None:
    gateway = Gateway("upstream", "bedrock_invocations", "/logs", {})
    assert bedrock.usage_semantics(gateway) == UsageSemantics(input_includes_cache=False)
    assert GATEWAYS["bedrock_invocations"].seen_from == "provider"
