"""Vertex AI's request-response log: what each of its rows is, by hand."""

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.vertex_logs import reader as vertex
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "vertex_logs" / "rows.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
NONE = (None,) * 7
# By the last figure of the row's id: input, audio input, cache read, writes of 5m and 1h, output,
# total, reasoning; status, HTTP status, finish reason, stream, tier.
EXPECTED = {
    1: (3, 0, 0, 0, 0, 930, 933, 901, "success", None, "stop", False, "standard"),
    2: (660, 300, 4100, 0, 0, 40, 5100, 0, "success", None, "max_tokens", True, "provisioned"),
    3: (12, 0, 20000, 500, 1000, 210, 21722, 0, "success", None, "end_turn", True, None),
    4: (*NONE, None, "success", None, None, True, None),
    5: (0, 0, 0, 0, 0, 0, 0, 0, "error", 429, None, False, None),
    6: (3, 0, 0, 0, 0, 29, 32, 0, "success", None, "stop", False, None),
    7: (8, 0, 0, 0, 0, 0, 8, 0, "success", None, None, False, None),
    8: (60, 0, 40, 0, 0, 25, 125, 5, "success", None, "stop", False, None),
}


def read(data: bytes | str) -> Parsed:
    gateway = Gateway("vertex", "vertex_logs", "/logs", {})
    return vertex.read_object(data.encode() if isinstance(data, str) else data, "r", gateway)


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_key"][-5:]): row for row in parsed.rows["requests"]}


def said(row: Row) -> tuple[Any, ...]:
    meters = ("input", "audio_input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    others = (
        *("provider_total_tokens", "reasoning_tokens", "status", "http_status", "finish_reason"),
        *("stream", "service_tier"),
    )
    return (*(row[f"{meter}_quantity"] for meter in meters), *(row[name] for name in others))


def test_each_row_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the row that was exported twice is one by its key
    assert (parsed.records, len(parsed.rows["requests"])) == (10, 9)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field) == (9, "usageMetadata.promptTokenCount")
    assert (reject.value, str(reject.day)) == ("a text of 4 characters", "2026-10-05")


def test_parquet_with_json_in_texts_is_the_same() -> None:
    rows = []
    for line in LINES[:-1]:
        row = json.loads(line)
        time = datetime.fromisoformat(row["logging_time"].replace(" UTC", "+00:00"))
        texts = {n: json.dumps(row[n]) for n in ("full_request", "full_response", "metadata")}
        rows.append(row | texts | {"logging_time": time, "request_id": Decimal(row["request_id"])})
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    parsed = read(sink.getvalue())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    assert by_number(parsed)[1]["started_at"] == by_number(read(LINES[0]))[1]["started_at"]
    assert read(b"PAR1 and no table").rejects[0].reason == "damaged Parquet"


def test_a_call_starts_before_it_is_logged() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    assert rows[1]["started_at"] == datetime(2026, 10, 5, 10, 0, 1, 34753, tzinfo=UTC)
    # as much earlier as it took, where the answer does not say
    assert rows[3]["started_at"] == datetime(2026, 10, 5, 10, 0, 5, 247500, tzinfo=UTC)
    assert rows[3]["ended_at"] == datetime(2026, 10, 5, 10, 0, 7, 248000, tzinfo=UTC)
    assert rows[3]["latency_ms"] == 2000.5


def test_which_call_of_which_model_where() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    row, claude = rows[1], rows[3]
    assert (row["request_id"], row["provider_request_id"]) == ("resp-gem-0001",) * 2
    assert claude["provider_request_id"] == "msg_vrtx_0003"
    assert rows[5]["request_id"] == "5374205265901300005"
    assert (row["provider"], row["sub_account_hint"], row["region"]) == (
        *("google", "acme-ai", "europe-west4"),
    )
    # a project's number is on no bill
    assert (claude["sub_account_hint"], claude["region"]) == (None, "us-east5")
    assert (row["model_served"], claude["model_served"]) == (
        *("gemini-2.5-pro", "claude-sonnet-4-5-20250929"),
    )
    assert (row["max_tokens"], claude["max_tokens"], rows[8]["max_tokens"]) == (8192, 1024, 64)
    assert json.loads(row["attributes"]) == {"tags": {"feature": "search", "team": "atlas"}}


def test_no_text_of_a_call_lands() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert "amber" not in (str(parsed.rows) + str(parsed.rejects)).lower()


def test_a_body_of_any_shape_costs_no_row() -> None:
    record = json.loads(LINES[5])
    for body in ("text", [1, "x"], 7, None, {"usage_metadata": "none", "candidates": 3}, [[]]):
        record["full_response"] = record["full_request"] = record["metadata"] = body
        [row] = read(json.dumps(record)).rows["requests"]
        assert said(row)[:7] == NONE


def test_what_is_no_row_is_refused() -> None:
    for data in ("{}", "[1]", '{"logging_time":"2026-10-05 10:00:00 UTC"}', "x", ""):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1
    record = json.loads(LINES[5])
    record["full_response"]["usage_metadata"]["total_token_count"] = 33
    [reject] = read(json.dumps(record)).rejects
    assert (reject.field, "(33, they make 32)" in reject.reason) == (
        *("usageMetadata.totalTokenCount", True),
    )


def test_it_declares_thinking_beside_the_candidates_and_sees_what_the_provider_sees() -> None:
    gateway = Gateway("vertex", "vertex_logs", "/logs", {})
    assert vertex.usage_semantics(gateway) == UsageSemantics(output_includes_reasoning=False)
    assert GATEWAYS["vertex_logs"].seen_from == "provider"
