"""OpenTelemetry traces: calls of models become requests, every other span their surroundings."""

import gzip
import json
from base64 import b64encode
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import zstandard
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from otel_spans import CALL, TRACE, contexts, line, one, read, rows, span, without

from ingestion.contracts import REQUEST_CONTEXT, REQUESTS
from ingestion.landing.tables.arrow import to_arrow

IDS = {"traceId", "spanId", "parentSpanId"}


def test_a_call_is_a_request() -> None:
    row = one(CALL)
    assert row["started_at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert row["latency_ms"] == 1150.0
    assert (row["request_key"], row["request_id"]) == (f"span:{TRACE}/{1:016x}", "chatcmpl-1")
    assert (row["call_id"], row["trace_id"]) == (f"{TRACE}/{1:016x}", TRACE)
    assert (row["provider"], row["operation"], row["status"]) == ("openai", "chat", "success")
    assert (row["model_requested"], row["model_served"]) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert (row["input_quantity"], row["output_quantity"]) == (3210, 188)
    assert (row["cache_read_quantity"], row["images_quantity"]) == (0, 0)
    assert (row["provider_total_tokens"], row["finish_reason"]) == (3398, "stop")
    assert json.loads(row["raw_usage"]) == {
        "gen_ai.usage.input_tokens": 3210,
        "gen_ai.usage.output_tokens": 188,
    }


def test_rows_fit_the_contract() -> None:
    parsed = read(line(span(CALL)))
    lineage = {"source": "traces", "batch": 1, "object_no": 0}
    table, misfits = to_arrow("requests", [row | lineage for row in parsed.rows["requests"]])
    assert misfits == []
    assert table is not None and table.schema == REQUESTS
    (context,) = parsed.context
    assert set(context.schema.names) == set(REQUEST_CONTEXT.names) - lineage.keys()


def test_cached_and_reasoning_tokens_are_within() -> None:
    row = one(
        CALL
        | {
            "gen_ai.usage.cache_read.input_tokens": 2816,
            "gen_ai.usage.cache_write.input_tokens": 300,
            "gen_ai.usage.reasoning.output_tokens": 100,
        }
    )
    assert (row["input_quantity"], row["cache_read_quantity"]) == (94, 2816)
    assert (row["cache_write_5m_quantity"], row["cache_ttl_assumed"]) == (300, True)
    assert (row["output_quantity"], row["reasoning_tokens"]) == (188, 100)


def test_cached_tokens_that_exceed_the_input_stand_beside_it() -> None:
    row = one(
        CALL | {"gen_ai.usage.input_tokens": 94, "gen_ai.usage.cache_read_input_tokens": 2816}
    )
    assert (row["input_quantity"], row["cache_read_quantity"]) == (94, 2816)


def test_a_stream_without_usage_is_not_known_to_be_free() -> None:
    said = without(CALL, "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
    row = one(said | {"gen_ai.request.stream": True})
    assert row["stream"] is True
    assert row["input_quantity"] is row["provider_total_tokens"] is None


def test_a_refused_call_used_nothing() -> None:
    said = without(CALL, "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
    row = one(
        without(said, "gen_ai.response.id") | {"error.type": "openai.RateLimitError"},
        status={"code": 2, "message": "Error code: 429 - Rate limit reached"},
    )
    assert (row["status"], row["http_status"]) == ("error", 429)
    assert row["error_class"] == "RateLimitError"
    assert (row["input_quantity"], row["provider_total_tokens"]) == (0, 0)
    assert row["request_id"] == row["call_id"] == f"{TRACE}/{1:016x}"


def test_agents_tools_and_servers_are_no_requests_and_say_where_calls_stand() -> None:
    parsed = read(
        line(
            span({"app.feature": "search", "feature": "search"}, 1, name="POST /v1/ask"),
            span(
                {
                    "gen_ai.operation.name": "invoke_agent",
                    "gen_ai.agent.name": "researcher",
                    "gen_ai.usage.input_tokens": 3210,
                },
                2,
                parent=1,
            ),
            span({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "lookup"}, 3, 2),
            span(CALL, 4, parent=2),
        )
    )
    assert [row["request_key"] for row in parsed.rows["requests"]] == [f"span:{TRACE}/{4:016x}"]
    assert (parsed.records, parsed.foreign, parsed.rejects) == (4, 3, [])
    server, agent, tool, call = contexts(parsed)
    assert {row["join_key"] for row in (server, agent, tool, call)} == {"span"}
    assert server["join_value"] == f"{TRACE}/{1:016x}"
    assert server["attributes"]["metadata"] == {"feature": "search"}
    assert "metadata:app.feature" in server["attributes"]["unnamed"]
    assert agent["attributes"]["kind"] == "agent"
    assert agent["attributes"]["agent"] == "researcher"
    assert agent["attributes"]["parent"] == server["join_value"]
    assert (tool["attributes"]["kind"], tool["attributes"]["tool"]) == ("tool", "lookup")
    assert (call["attributes"]["kind"], call["attributes"]["parent"]) == (
        "call",
        agent["join_value"],
    )


def test_two_libraries_that_tell_one_call_are_two_sinks() -> None:
    own = "com.anthropic.sdk.python"
    around = rows(line(span(CALL, 1), scope="opentelemetry.instrumentation.genai.anthropic"))
    within = rows(line(span(CALL, 2, parent=1), scope=own))
    assert [row["evidence_rank"] for row in (*around, *within)] == [2, 1]
    assert around[0]["call_id"] == within[0]["call_id"]
    assert around[0]["request_id"] == within[0]["request_id"]


def test_a_span_that_cannot_be_read_costs_itself_alone() -> None:
    parsed = read(
        line(span(CALL | {"gen_ai.usage.input_tokens": -1}, 1), span(CALL, 2)),
        line(span(CALL, 3, startTimeUnixNano="soon"), span(CALL, 4, spanId="")),
        '{"no": "trace"}',
        "not JSON",
    )
    assert [row["record_no"] for row in parsed.rows["requests"]] == [1]
    assert [(each.record_no, each.field) for each in parsed.rejects] == [
        *((0, "gen_ai.usage.input_tokens"), (2, "startTimeUnixNano"), (3, "spanId")),
        *((4, None), (5, None)),
    ]
    assert parsed.rejects[0].day == date(2026, 5, 1)
    assert parsed.records == 6


def test_other_signals_are_counted_and_no_requests() -> None:
    parsed = read(line(span(CALL)), '{"resourceLogs": []}', '{"resourceMetrics": []}')
    assert (parsed.records, parsed.foreign, parsed.rejects) == (3, 2, [])


@pytest.mark.parametrize(
    ("said", "cost"), [(0.00055125, Decimal("0.000551250000")), (0.0, None), (None, None)]
)
def test_a_claimed_cost_of_nothing_beside_tokens_is_none(
    said: float | None, cost: Decimal | None
) -> None:
    row = one(CALL | ({"llm.cost.total": said} if said is not None else {}))
    assert row.get("gateway_cost") == cost


def as_protobuf(*lines: str) -> bytes:
    """The same spans as one message of protobuf."""
    message = TracesData()
    for each in lines:
        said = json.loads(each)
        for of_resource in said["resourceSpans"]:
            for of_scope in of_resource["scopeSpans"]:
                for each_span in of_scope["spans"]:
                    for name in IDS & each_span.keys():
                        each_span[name] = b64encode(bytes.fromhex(each_span[name])).decode()
        message.MergeFrom(ParseDict(said, TracesData()))
    return message.SerializeToString()


def framed(*messages: bytes) -> bytes:
    return b"".join(len(each).to_bytes(4, "big") + each for each in messages)


TRACE_LINES = (
    line(span(CALL | {"llm.cost.total": 0.0125}), scope="com.anthropic.sdk.python"),
    line(
        span({"gen_ai.operation.name": "invoke_agent", "feature": "search"}, 2),
        span(CALL | {"error.type": "timeout"}, 3, parent=2, status={"code": 2}),
    ),
)


@pytest.mark.parametrize(
    "data",
    [
        as_protobuf(*TRACE_LINES),
        gzip.compress(as_protobuf(*TRACE_LINES)),
        framed(*map(as_protobuf, TRACE_LINES)),
        framed(*(zstandard.compress(as_protobuf(each)) for each in TRACE_LINES)),
        framed(*(zstandard.compress(each.encode()) for each in TRACE_LINES)),
        "\n".join(TRACE_LINES).encode(),
        zstandard.compress("\n".join(TRACE_LINES).encode()),
    ],
    ids=["message", "gzip", "frames", "zstd frames", "zstd lines", "lines", "zstd"],
)
def test_every_form_of_otlp_gives_the_same_rows(data: bytes) -> None:
    parsed, expected = read(data), read(*TRACE_LINES)
    assert parsed.rows["requests"] == expected.rows["requests"]
    assert contexts(parsed) == contexts(expected)
    assert (parsed.records, parsed.foreign, parsed.rejects) == (3, 1, [])


def test_frames_that_are_cut_off_or_broken_cost_themselves_alone() -> None:
    whole = framed(*map(as_protobuf, TRACE_LINES))
    cut = read(whole[:-5])
    assert len(cut.rows["requests"]) == 1
    assert [(each.reason, each.extent) for each in cut.rejects] == [("truncated object", "rest")]
    broken = read(framed(as_protobuf(TRACE_LINES[0]), b"\n\xff\xff", as_protobuf(TRACE_LINES[1])))
    assert len(broken.rows["requests"]) == 2
    assert [each.extent for each in broken.rejects] == ["record"]


def test_many_spans_land_as_columns_and_are_the_same_rows() -> None:
    many = [
        line(*(span(CALL, number) for number in range(at, at + 500))) for at in range(1, 12000, 500)
    ]
    parsed = read(*many)
    assert (parsed.records, parsed.rejects) == (12_000, [])
    assert [table.num_rows for table in parsed.requests] == [10_000]
    assert len(parsed.rows["requests"]) == 2_000
    first = parsed.requests[0].slice(0, 1).to_pylist()[0]
    (row,) = rows(line(span(CALL, 1)))
    assert {name: first[name] for name in first} == {name: row.get(name) for name in first}
    assert sum(table.num_rows for table in parsed.context) == 12_000
