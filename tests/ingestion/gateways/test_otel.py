"""OpenTelemetry traces: calls of models become requests, every other span their surroundings."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from otel_spans import CALL, TRACE, contexts, line, one, read, rows, span, without

from ingestion.contracts import REQUEST_CONTEXT, REQUESTS
from ingestion.landing.arrow import to_arrow


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
