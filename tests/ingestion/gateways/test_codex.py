"""Codex's events and rollouts: one row a call, whatever lines tell it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.codex import reader
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "codex"
TEXT = "a secret plan of acme"
NOTHING = {
    **dict.fromkeys(("input_quantity", "cache_read_quantity", "output_quantity"), 0),
    "provider_total_tokens": 0,
}
UNKNOWN = dict.fromkeys(NOTHING)
OF_EVENTS: list[dict[str, Any]] = [
    {
        # a try that failed, before the call
        "provider_request_id": "req_try",
        "started_at": "2026-06-01T10:00:00.600000",
        "ended_at": "2026-06-01T10:00:01",
        "status": "error",
        "http_status": 429,
        "error_class": None,
        "attempt_no": 1,
        **NOTHING,
    },
    {
        "request_id": "0199-main/2026-06-01T10:00:05.250Z-response.completed",
        "session_id": "0199-main",
        "user_id": "ada@acme.example",
        "customer_id": None,
        "started_at": "2026-06-01T10:00:05.250000",
        "ended_at": None,
        "latency_ms": None,
        "provider": "openai",
        "model_requested": "gpt-5.1-codex",
        "stream": True,
        "input_quantity": 1000,
        "cache_read_quantity": 8000,
        "output_quantity": 450,
        "reasoning_tokens": 300,
        "provider_total_tokens": 9450,
        "status": "success",
        "gateway_cost": None,
    },
    {"started_at": "2026-06-01T10:00:07", "input_quantity": 1200, "output_quantity": 80},
    # the event, which came twice, is one call: its two records are equal
    {"request_id": "0199-main/2026-06-01T10:00:05.250Z-response.completed"},
    # a stream without usage
    {"started_at": "2026-06-01T10:00:09", "status": "success", **UNKNOWN},
    # one that broke off: what it used is not known
    {"status": "error", "http_status": None, "error_class": "stream_disconnected", **UNKNOWN},
    {
        # nobody answered
        "started_at": "2026-06-01T10:00:11",
        "status": "error",
        "error_class": "connection_error",
        "attempt_no": 3,
        **UNKNOWN,
    },
]
OF_MAIN: list[dict[str, Any]] = [
    {
        "request_id": "0199-main/2026-06-01T10:00:05.260Z-9450",
        "session_id": "0199-main",
        "started_at": "2026-06-01T10:00:05.260000",
        "ended_at": None,
        "provider": "openai",
        "model_requested": "gpt-5.1-codex",
        "input_quantity": 1000,
        "cache_read_quantity": 8000,
        "output_quantity": 450,
        "reasoning_tokens": 300,
        "provider_total_tokens": 9450,
        "status": "success",
    },
    {
        "started_at": "2026-06-01T10:00:07.010000",
        "model_requested": "gpt-5.1-codex",
        "input_quantity": 1200,
        "output_quantity": 80,
    },
    {
        "started_at": "2026-06-01T10:00:12",
        "model_requested": "gpt-5.1-codex-mini",
        "input_quantity": 4000,
        "cache_read_quantity": 1000,
        "output_quantity": 100,
    },
]
OF_SUBAGENT: list[dict[str, Any]] = [
    {
        # what stands before it is the main session's
        "started_at": "2026-06-01T10:01:03.910000",
        "session_id": "0199-sub",
        "model_requested": "gpt-5.1-codex-mini",
        "input_quantity": 500,
        "cache_read_quantity": 1500,
        "output_quantity": 60,
    },
    {"started_at": "2026-06-01T10:01:06", "input_quantity": 100, "cache_read_quantity": 2000},
]
OF_RECORDS: list[dict[str, Any]] = [
    {
        "request_id": "resp_01a",
        "session_id": "01a0-fork",
        "started_at": "2026-06-02T08:00:35",
        "model_requested": "gpt-5.6",
        "service_tier_asked": "priority",
        "input_quantity": 600,
        "cache_read_quantity": 0,
        "cache_write_5m_quantity": 6400,
        "output_quantity": 200,
        "provider_total_tokens": 7200,
    },
    {
        "request_id": "resp_01b",
        "input_quantity": 900,
        "cache_read_quantity": 6400,
        "output_quantity": 90,
    },
]


def read(data: bytes, name: str = "rollout-a.jsonl") -> Parsed:
    return reader.read_object(data, name, Gateway("codex", "codex", "/logs", {}))


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def lines(*said: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, said)).encode()


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
        ("events.jsonl", OF_EVENTS, 7, ["input_token_count"]),
        (
            "rollout-main.jsonl",
            OF_MAIN,
            12,
            ["input_tokens", "gen_ai.usage.total_tokens", "timestamp"],
        ),
        ("rollout-subagent.jsonl", OF_SUBAGENT, 12, []),
        ("rollout-records.jsonl", OF_RECORDS, 9, ["usage"]),
    ],
)
def test_the_rows_are_those_written_by_hand(
    name: str, expected: list[dict[str, Any]], foreign: int, rejects: list[str]
) -> None:
    parsed = read(fixture(name))
    rows = parsed.rows["requests"]
    assert [of(row, said) for row, said in zip(rows, expected, strict=False)] == expected
    assert len(rows) == len(expected)
    assert [each.field for each in parsed.rejects] == rejects
    assert parsed.foreign == foreign
    assert parsed.records == len(rows) + foreign + len(rejects)
    for each in parsed.rejects:
        assert str(each.day)[:8] == ("None" if each.field == "timestamp" else "2026-06-")


def test_an_event_that_comes_twice_is_the_same_record() -> None:
    rows = read(fixture("events.jsonl")).rows["requests"]
    assert rows[1]["content_hash"] == rows[3]["content_hash"]
    assert rows[1]["request_key"] == rows[3]["request_key"]


def test_a_session_that_goes_on_has_the_same_requests_as_before() -> None:
    whole = fixture("rollout-main.jsonl").splitlines(keepends=True)
    before = read(b"".join(whole[:8])).rows["requests"]
    after = read(b"".join(whole)).rows["requests"]
    assert [row["request_key"] for row in before] == [row["request_key"] for row in after[:1]]


def session(**meta: Any) -> list[dict[str, Any]]:
    """A session that begins with what another has counted: written anew, or as it was."""
    began = datetime(2026, 6, 1, 12, tzinfo=UTC)
    said = {"id": "child", "timestamp": began.isoformat()} | meta
    copies = meta.get("copied_at", began)
    del said["copied_at"]
    return [
        {"timestamp": began.isoformat(), "ordinal": 0, "type": "session_meta", "payload": said},
        *(count(copies + timedelta(milliseconds=n), n, 100 * n) for n in (1, 2, 3)),
        count(began + timedelta(seconds=4), 4, 400),
    ]


def count(moment: datetime, ordinal: int, total: int) -> dict[str, Any]:
    usage = {"input_tokens": 90, "output_tokens": 10, "total_tokens": 100}
    info = {"last_token_usage": usage, "total_token_usage": {"total_tokens": total}}
    payload = {"type": "token_count", "info": info}
    return {
        "timestamp": moment.isoformat(),
        "ordinal": ordinal,
        "type": "event_msg",
        "payload": payload,
    }


@pytest.mark.parametrize("copied_at", [datetime(2026, 6, 1, hour, tzinfo=UTC) for hour in (9, 12)])
@pytest.mark.parametrize(
    ("meta", "calls"),
    [
        ({}, 4),
        ({"forked_from_id": "parent"}, 1),
        ({"parent_thread_id": "parent"}, 1),
        ({"source": {"subagent": {"thread_spawn": {"parent_thread_id": "parent"}}}}, 1),
        ({"forked_from_id": "parent", "subagent_history_start_ordinal": 3}, 2),
    ],
)
def test_what_another_session_counted_is_told_by_that_one(
    meta: dict[str, Any], calls: int, copied_at: datetime
) -> None:
    parsed = read(lines(*session(**meta, copied_at=copied_at)))
    assert (len(parsed.rows["requests"]), parsed.rejects) == (calls, [])


def test_where_a_call_stands_in_its_session() -> None:
    [first, *_] = contexts(read(fixture("rollout-main.jsonl")))
    assert first == {
        "place": "0199-main/2026-06-01T10:00:05.260Z-9450",
        "kind": "call",
        "session": "0199-main",
        "run": "0199-main",
    }
    [inside, *_] = contexts(read(fixture("rollout-subagent.jsonl")))
    assert (inside["run"], inside["session"], inside["agent"]) == (
        *("0199-main", "0199-sub", "explorer"),
    )
    review = {"id": "r", "timestamp": "2026-06-01T10:00:00Z", "source": {"subagent": "review"}}
    meta = {"timestamp": "2026-06-01T10:00:00Z", "type": "session_meta", "payload": review}
    [said] = contexts(read(lines(meta, count(datetime(2026, 6, 1, 11, tzinfo=UTC), 1, 100))))
    assert (said["step"], said["run"]) == ("review", "r")


def test_repository_branch_and_what_a_team_adds_are_evidence_of_owners() -> None:
    row = read(fixture("rollout-main.jsonl")).rows["requests"][0]
    unnamed = json.loads(row["unnamed_attributes"])
    assert {"metadata:cwd", "metadata:git.branch", "metadata:git.repository_url"} <= unnamed.keys()
    event = read(fixture("events.jsonl")).rows["requests"][1]
    unnamed = json.loads(event["unnamed_attributes"])
    assert {"metadata:team.id", "metadata:auth_mode", "metadata:user.email"} <= unnamed.keys()


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("azure", "gpt-5.1-codex", "azure"),
        ("amazon-bedrock", "openai.gpt-oss-120b", "aws"),
        ("our-proxy", "gpt-5.1-codex", "openai"),
        ("ollama", "gpt-oss:20b", "own"),
    ],
)
def test_who_serves_a_call(provider: str, model: str, expected: str) -> None:
    at = "2026-06-01T10:00:00Z"
    meta = {"id": "a", "timestamp": at, "model_provider": provider}
    said = [
        {"timestamp": at, "type": "session_meta", "payload": meta},
        {"timestamp": at, "type": "turn_context", "payload": {"model": model}},
        count(datetime(2026, 6, 1, 11, tzinfo=UTC), 1, 100),
    ]
    [row] = read(lines(*said)).rows["requests"]
    assert (row["provider"], row["model_requested"]) == (expected, model)


@pytest.mark.parametrize("name", [each.name for each in sorted(FIXTURES.iterdir())])
def test_no_text_lands(name: str) -> None:
    parsed = read(fixture(name))
    assert TEXT not in repr((parsed.rows, contexts(parsed), parsed.rejects))


@pytest.mark.parametrize("name", ["history.jsonl", "a/session_index.jsonl.gz"])
def test_what_stands_beside_rollouts_is_foreign(name: str) -> None:
    parsed = read(b"whatever", name)
    assert (parsed.records, parsed.foreign, parsed.rejects) == (1, 1, [])


def test_lines_of_before_there_were_counts_are_foreign() -> None:
    old = [{"id": "a", "timestamp": "2025-07-01T10:00:00Z"}, {"record_type": "state"}]
    parsed = read(lines(*old, {"type": "message", "role": "user", "content": [TEXT]}))
    assert (parsed.foreign, parsed.rejects) == (3, [])


AT = b'{"timestamp": "2026-06-01T10:00:00Z", "type": '


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"{", None),
        (b'{"a": 1}', None),
        (b"[1]", None),
        (AT + b'"event_msg", "payload": {"type": "token_count", "info": 1}}', "info"),
        (
            AT + b'"event_msg", "payload": {"type": "token_count", "info": {}}}',
            "info.last_token_usage",
        ),
        (AT + b'"turn_context", "payload": 3}', None),
        (b'{"resourceLogs": [{"scopeLogs": 1}]}', "resourceLogs[0].scopeLogs"),
    ],
)
def test_what_is_no_record_is_told_alone(line: bytes, field: str | None) -> None:
    parsed = read(line + b"\n" + line + b"\n")
    assert parsed.rows["requests"] == []
    assert {each.field for each in parsed.rejects} == {field}


@pytest.mark.parametrize(
    "record",
    [
        b'{"body": {"\xa5": 1}}',
        b'{"body": {"stringValue": "\xc3\x28"}}',
        b'{"attributes": [{"key": "\xff"}]}',
    ],
)
def test_a_record_that_is_no_text_is_told_beside_those_of_its_line(record: bytes) -> None:
    line = b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{}, %s, {}]}]}]}' % record
    parsed = read(line + b"\n")
    assert [(each.record_no, each.reason) for each in parsed.rejects] == [(1, "not UTF-8")]
    assert parsed.foreign == 2
