"""Exports of Phoenix: the spans that it was fed, whatever form it gives them back in."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.otel import reader as otel
from ingestion.gateways.phoenix import reader as phoenix
from ingestion.records import Parsed, Row
from ingestion.vocabulary import METERS
from ingestion.workspace.sources import Gateway

TRACES = Path(__file__).parent / "fixtures" / "traces"
FED = TRACES / "openinference-0.1.72" / "spans.otlp.jsonl.gz"
EXPORTS = sorted((TRACES / "phoenix-20.26.1").iterdir())
# Exports have no library's name, and no attributes of the process.
SAME = (
    *("request_key", "request_id", "call_id", "provider_request_id", "trace_id", "session_id"),
    *("customer_id", "provider", "operation", "model_requested", "model_served"),
    *("provider_total_tokens", "reasoning_tokens", "cache_ttl_assumed", "status", "http_status"),
    *("error_class", "service_tier", "stream", "evidence_rank", "finish_reason"),
    *(f"{meter}_quantity" for meter in METERS),
)
SPAN: dict[str, Any] = {
    "name": "ChatCompletion",
    "context": {"trace_id": "t" * 8, "span_id": "s-1"},
    "span_kind": "LLM",
    "parent_id": None,
    "start_time": "2026-05-01T10:00:00+00:00",
    "end_time": "2026-05-01T10:00:01.150000+00:00",
    "status_code": "OK",
    "attributes": {
        "llm.model_name": "gpt-4o",
        "llm.token_count.prompt": 3210,
        "llm.token_count.completion": 188,
        "llm.token_count.prompt_details.cache_read": 2816,
        "metadata.feature": "search",
    },
    "events": [],
}


def read(data: bytes | str) -> Parsed:
    raw = data.encode() if isinstance(data, str) else data
    return phoenix.read_object(raw, "spans", Gateway("traces", "phoenix", "/logs", {}))


def compared(rows: list[Row]) -> list[list[Any]]:
    return sorted([row.get(name) for name in SAME] for row in rows)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda path: path.name)
def test_an_export_is_the_spans_that_phoenix_was_fed(export: Path) -> None:
    fed = otel.read_object(FED.read_bytes(), "fed", Gateway("traces", "otel", "/logs", {}))
    parsed = read(export.read_bytes())
    assert parsed.rejects == []
    assert (parsed.records, parsed.foreign) == (61, 4)
    assert compared(parsed.rows["requests"]) == compared(fed.rows["requests"])
    # it keeps microseconds, and some forms of it a float's
    starts = [
        {row["request_key"]: row["started_at"] for row in each.rows["requests"]}
        for each in (parsed, fed)
    ]
    for key, started in starts[0].items():
        assert abs(started - starts[1][key]) <= timedelta(microseconds=1)
    owners = [
        sorted(row["attributes"] for row in each.rows["requests"] if row["evidence_rank"] == 2)
        for each in (parsed, fed)
    ]
    assert owners[0] == owners[1]


def test_a_span_of_the_api() -> None:
    parsed = read(json.dumps({"data": [SPAN], "next_cursor": None}))
    [row] = parsed.rows["requests"]
    assert (row["input_quantity"], row["cache_read_quantity"]) == (394, 2816)
    assert (row["output_quantity"], row["status"]) == (188, "success")
    assert (row["latency_ms"], row["model_routed"]) == (1150.0, "gpt-4o")
    assert row["attributes"] == '{"metadata":{"feature":"search"}}'


def test_what_is_no_span_is_told_alone() -> None:
    broken = [
        SPAN | {"start_time": "soon"},
        SPAN | {"context": {"trace_id": "t", "span_id": ""}},
        SPAN | {"attributes": SPAN["attributes"] | {"llm.token_count.prompt": "many"}},
        {"data": {"node": {}}},
        SPAN,
    ]
    parsed = read("\n".join(map(json.dumps, broken)))
    assert [each.field for each in parsed.rejects] == [
        *("start_time", "context.span_id", "llm.token_count.prompt", None),
    ]
    assert len(parsed.rows["requests"]) == 1


def test_a_file_that_is_no_export_is_refused() -> None:
    for data in ("a,b\n1,2\n", "name,start_time\nx\n", b"PAR1broken"):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1
        assert parsed.records == 1
