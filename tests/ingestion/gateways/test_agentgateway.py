"""agentgateway's request log: what each line of it is, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways import agentgateway
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row, SourceError
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "agentgateway" / "requests.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
# By the second of its end: input, cache read, cache write, output, total, reasoning; status, HTTP
# status, cost.
EXPECTED = {
    1: (11, 0, 0, 82, 93, 0, "success", 200, "0.0001047"),
    2: (500, 2000, 500, 120, 3120, 0, "success", 200, "0.01"),
    3: (18, 0, 0, 1167, 1185, 27, "success", 200, "0.01404"),
    # a stream whose usage nobody sent
    4: (None, None, None, None, None, None, "success", 200, None),
    5: (0, 0, 0, 0, 0, 0, "error", 429, None),
    6: (100, 0, 0, 25, 125, 0, "success", 200, None),
    9: (39, 0, 0, 181, 220, 0, "success", 200, None),
    10: (62, 0, 0, 0, 62, 0, "success", 200, None),
    # an answer that did not come in time: what was run is unknown
    11: (None, None, None, None, None, None, "error", 504, None),
}


def read(data: bytes | str, *places: str, **options: Any) -> Parsed:
    named = NamedPlaces(places, "/none") if places else NamedPlaces()
    gateway = Gateway("edge", "agentgateway", "/logs", options, named=named)
    return agentgateway.read_object(data.encode() if isinstance(data, str) else data, "a", gateway)


def said(row: Row) -> tuple[Any, ...]:
    counts = ("input", "cache_read", "cache_write_5m", "output")
    cost = row["gateway_cost"]
    return (
        *(row[f"{name}_quantity"] for name in counts),
        *(row["provider_total_tokens"], row["reasoning_tokens"], row["status"]),
        row["http_status"],
        None if cost is None else f"{cost.normalize():f}",
    )


def by_end(parsed: Parsed) -> dict[int, Row]:
    return {row["ended_at"].second: row for row in parsed.rows["requests"]}


def test_each_line_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {second: said(row) for second, row in by_end(parsed).items()} == EXPECTED
    # MCP and what else is logged are foreign; the line that was written twice is one by its span
    assert (parsed.records, parsed.foreign, len(parsed.rows["requests"])) == (13, 2, 10)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (
        *(7, "gen_ai.usage.input_tokens", "2026-10-05"),
    )


def test_a_line_is_dated_by_the_end_of_its_request() -> None:
    row = by_end(read(FIXTURE.read_bytes()))[1]
    assert row["ended_at"].isoformat() == "2026-10-05T10:00:01.747638+00:00"
    assert row["started_at"].isoformat() == "2026-10-05T10:00:00.619638+00:00"
    assert row["latency_ms"] == 1128.0
    line = json.loads(LINES[0])
    del line["duration"]
    [untimed] = read(json.dumps(line)).rows["requests"]
    assert (untimed["started_at"], untimed["latency_ms"]) == (row["ended_at"], None)
    [reject] = read(json.dumps(line | {"time": "soon"})).rejects
    assert reject.field == "time"


def test_who_asked_and_who_answered() -> None:
    rows = by_end(read(FIXTURE.read_bytes(), "metadata:*", "header:*"))
    row = rows[2]
    assert (row["user_id"], row["gateway_team"], row["provider"]) == ("alice", "research", "aws")
    assert (row["request_id"], row["trace_id"]) == (
        *("e000000000000002", "0000000000000000000000000000ab02"),
    )
    assert json.loads(row["attributes"])["metadata"] == {
        "gateway": "default/edge",
        "listener": "llm",
        "route": "default/chat",
        "team": "search",
    }
    assert (rows[1]["user_id"], rows[1]["provider"]) == ("sub-7", "openai")
    assert rows[1]["provider_request_id"] == "chatcmpl-ag-0001"
    assert (rows[6]["attempt_no"], rows[1]["attempt_no"]) == (2, None)
    # without a span a line is known by its place
    assert rows[9]["request_id_made"] and not rows[1]["request_id_made"]
    assert (rows[9]["provider"], rows[9]["model_served"]) == ("openai", "gpt-3.5-turbo-0125")
    assert (rows[10]["operation"], rows[1]["operation"]) == ("embeddings", "chat")
    assert (rows[1]["stream"], rows[4]["stream"]) == (False, True)


def test_no_text_of_a_prompt_lands() -> None:
    parsed = read(FIXTURE.read_bytes(), "metadata:*", "header:*")
    for text in ("favorite", "poem", "10.42.0.1"):
        assert text not in str(parsed.rows)


def test_fields_that_were_added_get_a_meaning() -> None:
    line = json.loads(LINES[0]) | {"squad": "hr", "cached": 5}
    columns = {"tag:team": "squad", "cache_read_quantity": "cached", "user_id": ["who", "squad"]}
    [row] = read(json.dumps(line), columns=columns).rows["requests"]
    assert (row["input_quantity"], row["cache_read_quantity"]) == (6, 5)
    assert (row["user_id"], json.loads(row["attributes"])["tags"]) == ("hr", {"team": "hr"})
    with pytest.raises(SourceError, match="`tokens` is none of"):
        read(json.dumps(line), columns={"tokens": "x"})


def test_what_is_no_line_is_refused() -> None:
    for data in (
        "{}",
        "[1]",
        '{"message":"x"}',
        "2025-12-19T00:47:17Z\tinfo\trequest a=b",
        "",
        "[",
    ):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_it_sees_a_call_as_a_gateway() -> None:
    gateway = Gateway("edge", "agentgateway", "/logs", {})
    assert agentgateway.usage_semantics(gateway) == UsageSemantics()
    assert GATEWAYS["agentgateway"].seen_from == "gateway"
