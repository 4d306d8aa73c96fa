"""Runs of LangSmith: fixtures by hand, with the rows that they are."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from langsmith_runs import TRACE, answer, lines, one, parquet, read, run

from ingestion.records import Parsed
from ingestion.vocabulary import METERS

METADATA = {"ls_provider": "openai", "ls_model_name": "gpt-4o"}
# What LangSmith writes where it was told nothing.
UNTOLD = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)


def contexts(parsed: Parsed) -> list[dict[str, Any]]:
    return [
        json.loads(each["attributes"]) for table in parsed.context for each in table.to_pylist()
    ]


def test_a_call() -> None:
    row = one()
    assert row["request_key"] == f"span:{TRACE}/01a221ce-0000-7000-8000-000000000001"
    assert (row["request_id"], row["trace_id"]) == ("chatcmpl-1", TRACE)
    assert row["started_at"] == datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    assert (row["latency_ms"], row["stream"], row["ttft_ms"]) == (1150.0, None, None)
    assert (row["model_requested"], row["model_served"]) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert (row["provider"], row["operation"], row["status"]) == ("openai", "chat", "success")
    assert (row["input_quantity"], row["output_quantity"]) == (3210, 188)
    assert (row["provider_total_tokens"], row["reasoning_tokens"]) == (3398, 0)
    assert (row["finish_reason"], row["gateway_cost"]) == ("stop", Decimal("0.009905"))
    assert row["attributes"] == '{"tags":{"feature":"search"}}'


def test_cached_tokens_are_within_input() -> None:
    row = one(outputs=answer(1, input_token_details={"cache_read": 2816, "cache_creation": 256}))
    assert (row["input_quantity"], row["cache_read_quantity"]) == (138, 2816)
    assert (row["cache_write_5m_quantity"], row["cache_ttl_assumed"]) == (256, True)
    split = {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 56}
    row = one(outputs=answer(1, input_token_details=split))
    assert (row["cache_write_5m_quantity"], row["cache_write_1h_quantity"]) == (200, 56)
    assert (row["input_quantity"], row["cache_ttl_assumed"]) == (2954, False)


def test_reasoning_is_within_output_unless_the_total_proves_another_thing() -> None:
    row = one(outputs=answer(1, output_token_details={"reasoning": 100}))
    assert (row["output_quantity"], row["reasoning_tokens"]) == (188, 100)
    # as LangSmith's wrapper of Gemini counts
    row = one(outputs=answer(1, total_tokens=3498, output_token_details={"reasoning": 100}))
    assert (row["output_quantity"], row["reasoning_tokens"]) == (288, 100)


def test_the_tier_before_the_names_of_counts() -> None:
    details = {"flex": 394, "flex_cache_read": 2800, "cache_read": 16}
    row = one(outputs=answer(1, input_token_details=details))
    assert (row["input_quantity"], row["cache_read_quantity"]) == (394, 2816)
    assert row["service_tier"] == "flex"


def test_a_stream_without_usage_is_unknown() -> None:
    token = {"name": "new_token", "time": "2026-05-01T10:00:00.250000"}
    row = one(outputs=answer(1) | {"usage_metadata": None}, events=[token], **UNTOLD)
    assert (row["stream"], row["ttft_ms"]) == (True, 250.0)
    assert [row[f"{meter}_quantity"] for meter in METERS] == [None] * len(METERS)
    assert row["provider_total_tokens"] is None


def test_a_run_that_has_not_ended() -> None:
    row = one(end_time=None, status="pending", outputs=None, total_cost=None, **UNTOLD)
    assert (row["ended_at"], row["status"]) == (None, "success")
    assert row["provider_total_tokens"] is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("RateLimitError('Error code: 429 - slow down')\n\nTraceback", ("RateLimitError", 429)),
        ("ClientError(\"429 RESOURCE_EXHAUSTED. {'error': 1}\")", ("ClientError", 429)),
        ("litellm.InternalServerError: OpenAIException - sorry", ("InternalServerError", None)),
        ("a text of somebody", (None, None)),
    ],
)
def test_an_error_is_no_usage(error: str, expected: tuple[str | None, int | None]) -> None:
    row = one(error=error, status="error", outputs=None, **UNTOLD)
    assert (row["status"], row["error_class"], row["http_status"]) == ("error", *expected)
    assert "somebody" not in repr(row)


def test_a_failed_call_bills_nothing_and_one_without_an_answer_is_unknown() -> None:
    row = one(error="RateLimitError('Error code: 429')", outputs=None, **UNTOLD)
    assert row["provider_total_tokens"] == 0
    row = one(error="APITimeoutError('Request timed out.')", outputs=None, **UNTOLD)
    assert row["provider_total_tokens"] is None


def test_a_retry_is_a_run_of_its_own_and_a_second_export_the_same_run() -> None:
    failed = run(1, error="RateLimitError('Error code: 429')", outputs=None, **UNTOLD)
    parsed = read(lines(failed, run(2), run(2)))
    rows = parsed.rows["requests"]
    assert [row["status"] for row in rows] == ["error", "success", "success"]
    assert rows[0]["request_key"] != rows[1]["request_key"] == rows[2]["request_key"]


def test_only_runs_of_models_are_requests() -> None:
    """LangSmith sums tokens and costs on whatever stands around them."""
    sums = [
        run(3, id=TRACE, parent_run_id=None, run_type="chain", name="research", outputs={"x": 1}),
        run(4, run_type="tool", name="lookup"),
        run(5, run_type="retriever"),
        run(6, run_type="llm", outputs=None, direct_child_run_ids=[run(1)["id"]]),
    ]
    parsed = read(lines(*sums, run(1), run(2, run_type="embedding")))
    assert (parsed.records, parsed.foreign, parsed.rejects) == (6, 4, [])
    assert [row["operation"] for row in parsed.rows["requests"]] == ["chat", "embeddings"]
    said = contexts(parsed)
    assert [each["kind"] for each in said] == ["step", "tool", "retrieval", "step", "call", "call"]
    assert (said[0]["step"], said[1]["tool"]) == ("research", "lookup")
    assert said[4]["parent"] == f"{TRACE}/{TRACE}"


def test_searches_of_anthropic_are_in_the_usage_that_langchain_keeps() -> None:
    used = {"server_tool_use": {"web_search_requests": 3}}
    message = {"usage_metadata": answer(1)["usage_metadata"], "response_metadata": {"usage": used}}
    for outputs in (
        {"generations": [[{"message": {"kwargs": message}}]]},
        {"generations": [[{"message": message}]]},
        answer(1) | {"usage": used},
        {"llm_output": {"usage": used}, **answer(1)},
    ):
        row = one(outputs=outputs)
        assert (row["web_searches_quantity"], row["input_quantity"]) == (3, 3210)
    assert (
        one(outputs=answer(1) | {"usage": {"server_tool_use": None}})["web_searches_quantity"] == 0
    )


def test_owners_are_in_metadata_and_tags() -> None:
    metadata = METADATA | {
        "thread_id": "s-1",
        "user_id": "cust-1",
        "feature": "answers",
        "langgraph_node": "plan",
        "lc_agent_name": "zeno",
        "LANGSMITH_PROJECT": "mine",
    }
    data = lines(run(extra={"metadata": metadata}, session_name="prod"))
    parsed = read(data, "metadata:feature", "metadata:project")
    [row] = parsed.rows["requests"]
    assert (row["session_id"], row["customer_id"]) == ("s-1", "cust-1")
    assert json.loads(row["attributes"])["metadata"] == {"feature": "answers", "project": "prod"}
    assert "LANGSMITH" not in repr(row) and "langgraph" not in row["unnamed_attributes"]
    [said] = contexts(parsed)
    assert (said["agent"], said["step"]) == ("zeno", "plan")


def test_what_langchain_writes() -> None:
    message = {
        "id": "run--01a2",
        "response_metadata": {"id": "chatcmpl-9", "model_name": "gpt-4o-2024-08-06"},
        "usage_metadata": {
            "input_tokens": 3210,
            "output_tokens": 188,
            "total_tokens": 3398,
            "input_token_details": {"cache_read": 2816},
        },
    }
    outputs = {"generations": [[{"text": "an answer", "message": {"kwargs": message}}]]}
    extra = {
        "metadata": METADATA | {"ls_provider": "google_genai"},
        "invocation_params": {"max_tokens": 500, "stream": True, "service_tier": "flex"},
        "runtime": {"library": "langchain-core"},
    }
    row = one(outputs=outputs, extra=extra)
    assert (row["request_id"], row["model_served"]) == ("chatcmpl-9", "gpt-4o-2024-08-06")
    assert (row["cache_read_quantity"], row["provider"]) == (2816, "google")
    assert (row["max_tokens"], row["stream"]) == (500, True)
    assert row["service_tier_asked"] == "flex"
    # the client that it calls may be traced, too
    assert row["evidence_rank"] == 1


def test_an_export_without_outputs_has_the_columns() -> None:
    bare = {name: value for name, value in run().items() if name not in ("outputs", "extra")}
    bare["prompt_token_details"] = {"cache_read": 2816}
    [row] = read(lines(bare)).rows["requests"]
    assert (row["input_quantity"], row["cache_read_quantity"]) == (394, 2816)
    assert row["request_id"] == f"{TRACE}/{bare['id']}"


def test_a_malformed_run_is_told_alone() -> None:
    broken = [
        run(1, start_time="soon"),
        run(2, outputs=answer(2, input_tokens="many")),
        run(3, outputs=answer(3, total_tokens=9)),
        run(4, id=""),
        {"id": "x", "run_type": "llm"},
        {"messages": []},
    ]
    parsed = read(lines(*broken, run(7)))
    assert [each.field for each in parsed.rejects] == [
        *("start_time", "gen_ai.usage.input_tokens", "gen_ai.usage.total_tokens", "id"),
        *("start_time", None),
    ]
    assert [row["request_id"] for row in parsed.rows["requests"]] == ["chatcmpl-7"]
    assert "a prompt" not in repr(parsed.rejects)


def test_lines_pages_and_parquet_are_the_same_requests() -> None:
    around = run(9, id=TRACE, parent_run_id=None, run_type="chain", outputs={"x": 1})
    cached = answer(2, input_token_details={"cache_read": 2816})
    first = "2026-05-01T10:00:01.250000"
    runs = [run(1), run(2, outputs=cached, first_token_time=first), around]
    page = {"runs": runs, "cursors": {"next": None, "prev": None}}
    forms = [lines(*runs), json.dumps(page).encode(), parquet(*runs), parquet(*runs, unit="us")]
    rows = [
        [
            {name: value for name, value in row.items() if name != "content_hash"}
            for row in parsed.rows["requests"]
        ]
        for parsed in map(read, forms)
    ]
    assert rows[0] == rows[1] == rows[2] == rows[3]
    assert [row["ttft_ms"] for row in rows[0]] == [None, 250.0]
    assert [each.foreign for each in map(read, forms)] == [1] * 4
    assert read(b'{"runs": [], "cursors": {}}').records == 0


def test_a_secret_in_the_place_of_an_id_lands_nowhere() -> None:
    secret = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"
    parsed = read(lines(run(1, id=secret), run(2, parent_run_id=secret)))
    [around, inside] = [each for table in parsed.context for each in table.to_pylist()]
    assert secret not in repr((parsed.rows, around, inside))
    assert parsed.rows["requests"][0]["request_key"] == f"span:{around['join_value']}"
    assert json.loads(inside["attributes"])["parent"] == around["join_value"]


def test_a_file_that_is_no_export_is_refused() -> None:
    parsed = read(b"PAR1broken")
    assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1
