"""Claude Code's events and transcripts: one row a call, whatever lines tell it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.claude_code import reader
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "claude_code"
TEXT = "a secret plan of acme"
NOTHING = {
    **dict.fromkeys(("input_quantity", "cache_read_quantity", "output_quantity"), 0),
    **dict.fromkeys(("cache_write_5m_quantity", "cache_write_1h_quantity"), 0),
    "provider_total_tokens": 0,
}
UNKNOWN = dict.fromkeys(NOTHING)
OF_EVENTS: list[dict[str, Any]] = [
    {
        # the event, which came twice, is one call: its two records are equal
        "request_id": "req_01Main",
        "provider_request_id": "req_01Main",
        "call_id": "req_01Main",
        "session_id": "5e55-main",
        "user_id": "ada@acme.example",
        "customer_id": None,
        "started_at": "2026-06-01T10:00:00.250000",
        "ended_at": "2026-06-01T10:00:04.500000",
        "latency_ms": 4250.0,
        "ttft_ms": 810.0,
        "provider": "anthropic",
        "operation": "chat",
        "model_requested": "claude-opus-4-8",
        "input_quantity": 12,
        "cache_read_quantity": 38000,
        "cache_write_5m_quantity": 2100,
        "cache_write_1h_quantity": 0,
        "output_quantity": 450,
        "provider_total_tokens": 40562,
        "cache_ttl_assumed": True,
        "service_tier": None,
        "status": "success",
        "gateway_cost": Decimal("0.043422500000"),
    },
    {
        "request_id": "req_01Sub",
        "started_at": "2026-06-01T10:00:08",
        "model_requested": "claude-haiku-4-5-20251001",
        "input_quantity": 900,
        "output_quantity": 60,
        "provider_total_tokens": 960,
        "cache_ttl_assumed": False,
        "gateway_cost": Decimal("0.001200000000"),
    },
    {"request_id": "req_01Main", "started_at": "2026-06-01T10:00:00.250000"},
    {
        # without an id, in fast mode; a cost of 0 beside tokens is none
        "request_id": "5e55-main/9",
        "provider": "aws",
        "model_requested": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "service_tier": "fast",
        "input_quantity": 5,
        "output_quantity": 7,
        "gateway_cost": None,
    },
    {"request_id": "req_01Cut", "status": "success", "gateway_cost": None, **UNKNOWN},
    {
        "request_id": "req_01Err",
        "started_at": "2026-06-01T10:00:17",
        "status": "error",
        "http_status": 529,
        "error_class": None,
        "attempt_no": 11,
        **NOTHING,
    },
    {
        # nobody answered: what it used is not known
        "request_id": "5e55-main/12",
        "status": "error",
        "http_status": None,
        "error_class": "connection_error",
        "attempt_no": 2,
        **UNKNOWN,
    },
]
OF_SESSION: list[dict[str, Any]] = [
    {
        # three lines of one answer: the last has its usage, the first its start
        "request_id": "msg_01Main",
        "provider_request_id": "req_01Main",
        "call_id": "req_01Main",
        "session_id": "5e55-main",
        "user_id": None,
        "started_at": "2026-06-01T10:00:02",
        "ended_at": None,
        "latency_ms": None,
        "provider": "anthropic",
        "model_requested": "claude-opus-4-8",
        "model_served": "claude-opus-4-8",
        "input_quantity": 12,
        "cache_read_quantity": 38000,
        "cache_write_5m_quantity": 100,
        "cache_write_1h_quantity": 2000,
        "output_quantity": 450,
        "reasoning_tokens": 120,
        "web_searches_quantity": 2,
        "provider_total_tokens": 40562,
        "cache_ttl_assumed": False,
        "service_tier": "standard",
        "region": None,
        "finish_reason": "tool_use",
        "status": "success",
        "gateway_cost": None,
    },
    {
        "request_id": "s-1",
        "provider_request_id": "req_01Try",
        "status": "error",
        "http_status": 529,
        "attempt_no": 1,
        **NOTHING,
    },
    {
        "request_id": "5b0e-synthetic",
        "model_requested": None,
        "status": "error",
        "http_status": 429,
        "error_class": "rate_limit",
        **NOTHING,
    },
    {
        # a stream that was cut off, of Bedrock
        "request_id": "msg_bdrk_01Cut",
        "provider": "aws",
        "status": "success",
        **UNKNOWN,
    },
]
OF_SUBAGENT: list[dict[str, Any]] = [
    {
        "request_id": "msg_01Sub",
        "provider_request_id": "req_01Sub",
        "session_id": "5e55-main",
        "service_tier": "fast",
        "region": "us",
        "input_quantity": 900,
        "output_quantity": 60,
    }
]


def read(data: bytes, name: str = "session.jsonl") -> Parsed:
    return reader.read_object(data, name, Gateway("claude", "claude_code", "/logs", {}))


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def of(row: Row, expected: dict[str, Any]) -> dict[str, Any]:
    said = {name: row.get(name) for name in expected}
    for name, value in said.items():
        if isinstance(value, datetime):
            said[name] = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return said


def contexts(parsed: Parsed) -> list[dict[str, Any]]:
    rows = [row for table in parsed.context for row in table.to_pylist()]
    return [json.loads(row["attributes"]) | {"place": row["join_value"]} for row in rows]


@pytest.mark.parametrize(
    ("name", "expected", "foreign", "rejects"),
    [
        ("events.jsonl", OF_EVENTS, 2, ["input_tokens"]),
        ("session.jsonl", OF_SESSION, 7, ["input_tokens"]),
        ("agent-a7dd.jsonl", OF_SUBAGENT, 1, []),
    ],
)
def test_the_rows_are_those_written_by_hand(
    name: str, expected: list[dict[str, Any]], foreign: int, rejects: list[str]
) -> None:
    parsed = read(fixture(name))
    rows = parsed.rows["requests"]
    assert [of(row, said) for row, said in zip(rows, expected, strict=False)] == expected
    assert len(rows) == len(expected)
    assert parsed.foreign == foreign
    assert [each.field for each in parsed.rejects] == rejects
    assert [str(each.day) for each in parsed.rejects] == ["2026-06-01"] * len(rejects)
    assert parsed.records == len(rows) + foreign + len(rejects)


def test_an_event_that_comes_twice_is_the_same_record() -> None:
    rows = read(fixture("events.jsonl")).rows["requests"]
    assert rows[0]["content_hash"] == rows[2]["content_hash"]
    assert rows[0]["request_key"] == rows[2]["request_key"]


def test_a_forked_session_tells_the_same_answers() -> None:
    fork = fixture("session.jsonl").replace(b"5e55-main", b"5e55-fork")
    identity = ("request_id", "call_id", "attempt_no", "started_at", "evidence_rank")
    first, second = (
        [[row.get(name) for name in identity] for row in read(data).rows["requests"]]
        for data in (fixture("session.jsonl"), fork)
    )
    assert first == second


def test_a_file_that_is_cut_has_the_start_of_its_answer() -> None:
    lines = fixture("session.jsonl").splitlines(keepends=True)
    [row] = read(b"".join(lines[:4])).rows["requests"]
    assert (row["output_quantity"], row["started_at"].second) == (1, 2)
    parsed = read(b"".join(lines[:6]) + lines[6][:40])
    assert [row["output_quantity"] for row in parsed.rows["requests"]] == [450]
    assert [each.extent for each in parsed.rejects] == ["rest"]


def test_where_a_call_stands_in_its_session() -> None:
    main, sub, *_ = contexts(read(fixture("events.jsonl")))
    assert main == {
        "place": "5e55-main/req_01Main",
        "kind": "call",
        "session": "5e55-main",
        "run": "5e55-main",
        "step": "repl_main_thread",
        "ended_at": "2026-06-01T10:00:04.500000+00:00",
    }
    assert (sub["agent"], sub["run"], "step" in sub) == ("Explore", "5e55-main", False)
    custom = contexts(read(fixture("events.jsonl")))[3]
    assert (custom["agent"], custom["workflow"]) == ("code-reviewer", "review-pr")
    [explore] = contexts(read(fixture("agent-a7dd.jsonl")))
    assert (explore["agent"], explore["workflow"]) == ("Explore", "review-pr")
    assert explore["session"] == explore["run"] == "5e55-main"


def test_repository_branch_and_what_a_team_adds_are_evidence_of_owners() -> None:
    [row] = read(fixture("agent-a7dd.jsonl")).rows["requests"]
    unnamed = json.loads(row["unnamed_attributes"])
    assert {"metadata:cwd", "metadata:gitbranch"} <= unnamed.keys()
    event = read(fixture("events.jsonl")).rows["requests"][0]
    unnamed = json.loads(event["unnamed_attributes"])
    assert {"metadata:department", "metadata:team.id", "metadata:user.email"} <= unnamed.keys()


@pytest.mark.parametrize("name", ["events.jsonl", "session.jsonl", "agent-a7dd.jsonl"])
def test_no_text_lands(name: str) -> None:
    parsed = read(fixture(name))
    landed = repr((parsed.rows, contexts(parsed), parsed.rejects))
    assert TEXT not in landed and "Overloaded" not in landed


@pytest.mark.parametrize(
    "chosen",
    ["sk-my$ecret{0123456789}abc+def/GHI", "ghp_" + "aB3" * 12, "please keep this to us " * 9],
)
@pytest.mark.parametrize("place", ["sessionId", "uuid", "message.id"])
def test_an_id_that_is_a_secret_or_a_text_lands_nowhere(chosen: str, place: str) -> None:
    line = json.loads(fixture("agent-a7dd.jsonl").splitlines()[1])
    holder = line["message"] if place == "message.id" else line
    holder[place.rpartition(".")[2]] = chosen
    parsed = read(json.dumps(line).encode())
    [row], [context] = parsed.rows["requests"], contexts(parsed)
    assert chosen[:12] not in repr((row, context)), chosen
    # and the call is still known by where it stands
    assert row["request_key"] == f"span:{context['place']}"


@pytest.mark.parametrize(
    "name",
    ["p/s/subagents/agent-a7dd.meta.json", "p/sessions-index.json", "p/s/tool-results/t.txt"],
)
def test_what_stands_beside_transcripts_is_foreign(name: str) -> None:
    parsed = read(b"whatever", name)
    assert (parsed.records, parsed.foreign, parsed.rejects) == (1, 1, [])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"{", None),
        (b'{"a": 1}', None),
        (b"[1]", None),
        (b'{"type": "assistant", "uuid": "a", "timestamp": "2026-06-01T10:00:00Z"}', "message"),
        (b'{"type": "assistant", "uuid": "a", "message": {"model": "m"}}', "timestamp"),
        (b'{"type": "assistant", "message": {"usage": 1}}', "message.usage"),
        (b'{"resourceLogs": [{"scopeLogs": 1}]}', "resourceLogs[0].scopeLogs"),
        (b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [1]}]}]}', None),
    ],
)
def test_what_is_no_record_is_told_alone(line: bytes, field: str | None) -> None:
    parsed = read(line + b"\n" + line + b"\n")
    assert parsed.rows["requests"] == []
    assert {each.field for each in parsed.rejects} == {field}
