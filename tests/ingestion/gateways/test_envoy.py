"""Envoy AI Gateway's access log: what each line of it is, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways import envoy
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row, SourceError
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "envoy" / "access.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
# By the second of its start: input, cache read, cache write, output, total, reasoning; status, HTTP
# status.
EXPECTED = {
    1: (100, 0, 0, 25, 125, 0, "success", 200),
    2: (500, 2000, 500, 120, 3120, 0, "success", 200),
    3: (100, 0, 0, 900, 1000, 700, "success", 200),
    # a stream whose usage nobody sent
    4: (None, None, None, None, None, None, "success", 200),
    5: (0, 0, 0, 0, 0, 0, "error", 429),
    6: (0, 0, 0, 0, 0, 0, "error", 503),
    7: (100, 0, 0, 25, 125, 0, "success", 200),
    10: (100, 0, 0, 25, 125, 0, "success", 200),
    # what the provider ran until the client went, or the time was over, is unknown
    11: (None, None, None, None, None, None, "cancelled", 499),
    12: (None, None, None, None, None, None, "error", 504),
    15: (100, 0, 0, 0, 100, 0, "success", 200),
}


def read(data: bytes | str, *places: str, **options: Any) -> Parsed:
    named = NamedPlaces(places, "/none") if places else NamedPlaces()
    gateway = Gateway("edge", "envoy", "/logs", options, named=named)
    return envoy.read_object(data.encode() if isinstance(data, str) else data, "a", gateway)


def said(row: Row) -> tuple[Any, ...]:
    counts = ("input", "cache_read", "cache_write_5m", "output")
    return (
        *(row[f"{name}_quantity"] for name in counts),
        *(row["provider_total_tokens"], row["reasoning_tokens"], row["status"]),
        row["http_status"],
    )


def by_second(parsed: Parsed) -> dict[int, Row]:
    return {row["started_at"].second: row for row in parsed.rows["requests"]}


def test_each_line_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {second: said(row) for second, row in by_second(parsed).items()} == EXPECTED
    # MCP and what calls no model are foreign; the line that was written twice is one by its id
    assert (parsed.records, parsed.foreign, len(parsed.rows["requests"])) == (15, 2, 12)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (
        *(8, "gen_ai.usage.input_tokens", "2026-10-05"),
    )


def test_who_asked_for_what_and_who_answered() -> None:
    rows = by_second(read(FIXTURE.read_bytes(), "metadata:*", "header:*"))
    row = rows[2]
    assert (row["provider"], row["deployment_id"]) == (
        *("aws", "default/bedrock/route/chat/rule/1/ref/0"),
    )
    assert (row["model_requested"], row["model_served"]) == (
        *("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    )
    assert row["model_routed"] == "anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert json.loads(row["attributes"]) == {
        "headers": {"x-team": "search"},
        "metadata": {"route_name": "httproute/default/chat/rule/0/match/0/*", "tenant.id": "acme"},
    }
    assert (row["request_id"], row["latency_ms"]) == (
        *("83b63da3-45a9-4196-98b8-1a7f697d6d02", 1526.0),
    )
    # the host is the gateway's own: by the model's family
    assert (rows[15]["provider"], rows[15]["operation"]) == ("openai", "embeddings")
    assert [rows[second]["attempt_no"] for second in (1, 6, 7)] == [None, 3, 2]
    assert not rows[1]["request_id_made"] and rows[1]["route"] == "/v1/chat/completions"


def test_names_that_an_operator_chose() -> None:
    line = {
        "ts": 1791194402.25,
        "ms": "12",
        "code": "200",
        "m": "gpt-4o",
        "in": "100",
        "out": "25",
        "cached": 60,
        "caller": "checkout",
        "who": "u-1",
        "squad": "hr",
        "flags": "-",
    }
    columns = {
        "started_at": "ts",
        "latency_ms": "ms",
        "http_status": "code",
        "model_requested": "m",
        "input_quantity": ["in_tokens", "in"],
        "output_quantity": "out",
        "user_id": "who",
        "cache_read_quantity": "cached",
        "tag:team": "squad",
        "metadata:feature": "caller",
    }
    [row] = read(json.dumps(line), columns=columns).rows["requests"]
    assert said(row) == (40, 60, 0, 25, 125, 0, "success", 200)
    assert row["started_at"].isoformat() == "2026-10-05T10:00:02.250000+00:00"
    assert (row["user_id"], row["latency_ms"], row["request_id_made"]) == ("u-1", 12.0, True)
    evidence = json.loads(row["attributes"])
    assert (evidence["tags"], evidence["metadata"]) == ({"team": "hr"}, {"feature": "checkout"})
    for wrong in ({"tokens": "in"}, ["in"], {"tag:": "x"}):
        with pytest.raises(SourceError, match="gateway edge: wrong `columns`"):
            read(json.dumps(line), columns=wrong)


def test_times_of_any_form_and_odd_ones() -> None:
    line = json.loads(LINES[0])
    for time in (
        *("2026-10-05T12:00:01.894+02:00", "1791194401.894", 1791194401894, 1791194401.894),
        *("1791194401894000", 1791194401894000000),
    ):
        [row] = read(json.dumps(line | {"start_time": time})).rows["requests"]
        assert row["started_at"].isoformat() == "2026-10-05T10:00:01.894000+00:00"
    for time in ("soon", True, None, "-", {"a": 1}, 7):
        [reject] = read(json.dumps(line | {"start_time": time})).rejects
        assert reject.field == "start_time"
    [row] = read(json.dumps(line | {"duration": "1.5s"})).rows["requests"]
    assert row["latency_ms"] == 1500.0
    [reject] = read(json.dumps(line | {"duration": 10**12})).rejects
    assert reject.field == "duration"


def test_cached_tokens_beside_the_input_and_wrong_totals() -> None:
    line = json.loads(LINES[0])
    beside = {"llm_cached_input_token": 5000}
    [row] = read(json.dumps(line | beside)).rows["requests"]
    assert said(row)[:5] == (100, 5000, 0, 25, 5125)
    [reject] = read(json.dumps(line | {"gen_ai.usage.total_tokens": 124})).rejects
    assert reject.field == "gen_ai.usage.total_tokens"


def test_what_is_no_line_is_refused() -> None:
    for data in ("{}", "[1]", '{"message":"starting"}', "[2026-10-05] info", "", "["):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_it_sees_a_call_as_a_gateway() -> None:
    assert envoy.usage_semantics(Gateway("edge", "envoy", "/logs", {})) == UsageSemantics()
    assert GATEWAYS["envoy"].seen_from == "gateway"
