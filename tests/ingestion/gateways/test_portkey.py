"""Portkey's export, its log store and attempts in its gateway's own log, by hand.

What the gateway really wrote stands in test_real_traces.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.portkey import reader as portkey
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "portkey" / "logs.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
NAMED = NamedPlaces(
    ("metadata:feature", "metadata:team", "metadata:environment", "metadata:config"), "/none"
)
# By the number in the id: input, cache read, output, total, reasoning; status, HTTP status, cost in
# dollars, layer of the cache.
EXPECTED = {
    1: (412, 0, 96, 508, 0, "success", 200, "0.00199", None),
    # the answer tells what was cached
    2: (2245, 6528, 285, 9058, 0, "success", 200, "0.016", None),
    # Gemini's thoughts are in the total alone
    3: (9166, 0, 1449, 10615, 1406, "success", 200, "0.005", None),
    4: (None, None, None, None, None, "success", 200, None, None),
    5: (0, 0, 0, 0, 0, "error", 429, "0", None),
    6: (412, 0, 96, 508, 0, "success", 200, "0.00199", None),
    8: (12, 0, 210, 222, 0, "success", 200, None, None),
    9: (100, 0, 900, 1000, 700, "success", 200, None, "none"),
    10: (0, 0, 0, 0, 0, "success", 200, None, "semantic"),
}
SPAN = "79706349-5e1c-43e6-91e5-a17a67c2d21d"


def read(data: bytes | str, **named: Any) -> Parsed:
    gateway = Gateway("gate", "portkey", "/logs", {}, **named)
    return portkey.read_object(data.encode() if isinstance(data, str) else data, "p", gateway)


def said(row: Row) -> tuple[Any, ...]:
    names = (
        *("input_quantity", "cache_read_quantity", "output_quantity", "provider_total_tokens"),
        *("reasoning_tokens", "status", "http_status"),
    )
    cost = row["gateway_cost"]
    dollars = None if cost is None else f"{cost.normalize():f}"
    return (*(row[name] for name in names), dollars, row["cache_layer"])


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_id"][-4:]): row for row in parsed.rows["requests"]}


def attempt(provider: str, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "providerOptions": {
            "provider": provider,
            "apiKey": "sk-made-up-key-of-a-provider-0123456789",
            "requestURL": f"https://api.{provider}.com/v1/chat/completions?key=made-up",
            "rubeusURL": "chatComplete",
        },
        "finalUntransformedRequest": {"body": {"model": "gpt-4o", "user": "cust-7"}},
        "transformedRequest": {"body": {"model": "gpt-4o"}},
        "originalResponse": {"body": answer},
        "createdAt": "2026-10-05T10:00:00.000Z",
        "executionTime": 118,
        "hookSpanId": SPAN,
        "cacheStatus": "MISS",
        **more,
    }


def logged(*attempts: dict[str, Any], status: int = 200) -> str:
    return json.dumps({"method": "POST", "status": status, "requestOptions": [*attempts]})


ANSWER = {
    "id": "chatcmpl-0001",
    "model": "gpt-4o-2024-08-06",
    "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105},
}
FAILED = {"error": {"message": "Tell me of the northern harbor", "type": "server_error"}}


def test_each_log_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the log that came twice is one by its key; a list of files asks no model
    assert (parsed.records, len(parsed.rows["requests"]), parsed.foreign) == (13, 10, 1)
    assert [(each.record_no, each.field) for each in parsed.rejects] == [
        (10, "req_units"),
        (11, "total_units"),
    ]
    assert {str(each.day) for each in parsed.rejects} == {"2026-10-05"}


def test_a_page_and_a_list_are_as_lines() -> None:
    logs = [json.loads(line) for line in LINES[:3]]
    expected = [said(row) for row in read(b"\n".join(LINES[:3])).rows["requests"]]
    for data in (json.dumps(logs, indent=1), json.dumps({"object": "list", "data": logs})):
        assert [said(row) for row in read(data).rows["requests"]] == expected


def test_who_asked_for_what_and_who_answered() -> None:
    rows = by_number(read(FIXTURE.read_bytes(), named=NAMED))
    assert json.loads(rows[1]["attributes"])["metadata"] == {
        "feature": "search-answer",
        "team": "Atlas Search",
        "environment": "prod",
        "config": "pc-search-1",
    }
    assert (rows[1]["customer_id"], rows[1]["trace_id"]) == ("cust-1001", "tr-1")
    assert json.loads(rows[8]["attributes"])["metadata"] == {"feature": "doc-summary"}
    assert (rows[8]["provider"], rows[3]["provider"]) == ("anthropic", "google")
    assert (rows[2]["provider_request_id"], rows[2]["max_tokens"]) == ("chatcmpl-0002", 300)
    assert rows[2]["model_served"] == "gpt-4o-2024-08-06"
    stored = rows[9]
    assert (stored["customer_id"], stored["trace_id"]) == ("cust-1009", "tr-9")
    assert (stored["attempt_no"], stored["attempt_role"]) == (2, "retry")
    assert (stored["provider_request_id"], stored["finish_reason"]) == ("chatcmpl-0009", "length")
    assert rows[5]["error_class"] == "rate_limit_error"


def test_an_attempt_before_the_one_that_stood_is_a_request_of_the_call() -> None:
    failed, stood = attempt("openai", FAILED, response=ANSWER), attempt("anthropic", ANSWER)
    first, second = read(logged(failed, stood)).rows["requests"]
    assert [row["request_id"] for row in (first, second)] == [SPAN, f"{SPAN}:1"]
    assert first["call_id"] == second["call_id"] == SPAN
    assert said(first)[3:7] == (0, 0, "error", None)
    assert (second["attempt_role"], second["attempt_no"]) == ("fallback", 2)
    assert said(second)[:4] == (100, 0, 5, 105)
    assert (first["provider"], second["provider"]) == ("openai", "anthropic")


def test_an_answer_of_its_cache_bills_nothing() -> None:
    for status, layer in (("HIT", "gateway_exact"), ("SEMANTIC HIT", "semantic")):
        [row] = read(logged(attempt("openai", ANSWER, cacheStatus=status))).rows["requests"]
        assert (row["cache_layer"], row["provider_total_tokens"]) == (layer, 0)
    [missed] = read(logged(attempt("openai", ANSWER))).rows["requests"]
    assert (missed["cache_layer"], missed["provider_total_tokens"]) == ("none", 105)


def test_what_portkey_made_of_an_answer_stands_where_the_providers_own_is_lost() -> None:
    """Cached tokens of Anthropic and thoughts of Gemini are beside there: its total tells."""
    claude = {"prompt_tokens": 1282, "completion_tokens": 52, "total_tokens": 13002} | {
        "prompt_tokens_details": {"cached_tokens": 6016},
        "cache_read_input_tokens": 6016,
        "cache_creation_input_tokens": 5652,
    }
    gemini = {"prompt_tokens": 9166, "completion_tokens": 43, "total_tokens": 10615} | {
        "completion_tokens_details": {"reasoning_tokens": 1406},
        "prompt_tokens_details": {"cached_tokens": 8576},
    }
    for usage, expected in (
        (claude, (1282, 6016, 52, 13002, 0)),
        (gemini, (590, 8576, 1449, 10615, 1406)),
    ):
        answered = attempt("anthropic", {}, response={"usage": usage})
        [row] = read(logged(answered)).rows["requests"]
        assert said(row)[:5] == expected


def test_a_refusal_bills_nothing_and_a_timeout_is_unknown() -> None:
    for status, total in ((429, 0), (500, 0), (408, None), (200, None)):
        [row] = read(logged(attempt("openai", {}), status=status)).rows["requests"]
        assert (row["http_status"], row["provider_total_tokens"]) == (status, total)
    # a guardrail denied the answer that was billed
    [denied] = read(logged(attempt("openai", ANSWER), status=446)).rows["requests"]
    assert (denied["status"], denied["provider_total_tokens"]) == ("error", 105)


def test_the_feed_as_it_was_saved() -> None:
    feed = "event: connected\ndata: 1795863693891\n\n"
    for number in range(2):
        feed += f"event: log\ndata: {logged(attempt('openai', ANSWER))}\nid: {number}\n\n"
    parsed = read(feed)
    assert (parsed.records, len(parsed.rows["requests"])) == (2, 2)
    for damaged in (feed.replace("\n", "\r\n"), ": saved by curl\n\n" + feed):
        assert len(read(damaged).rows["requests"]) == 2
    cut = read(feed[: feed.rindex("executionTime")])
    assert (cut.records, [each.reason for each in cut.rejects]) == (2, ["not JSON"])
    assert feed.encode()[cut.rejects[0].offset or 0 :].startswith(b'{"method"')


def test_no_text_and_no_key_lands() -> None:
    data = FIXTURE.read_bytes() + logged(attempt("openai", FAILED), attempt("x", ANSWER)).encode()
    parsed = read(data)
    landed = repr(parsed.rows["requests"]) + repr(parsed.rejects)
    assert len(parsed.rows["requests"]) == 12
    for text in ("northern harbor", "made-up", "sk-"):
        assert text not in landed


@pytest.mark.parametrize(
    "data",
    [
        *("no log", "{}", '{"error":{"code":404}}', "", "[", '{"requestOptions":[]}'),
        '{"requestOptions":["no"]}',
        '{"id":"r","created_at":"2026-10-05T10:00:00Z"}',
        '{"id":"r","created_at":"soon","ai_model":"gpt-4o"}',
        '{"_id":"r","request":{},"response":{"status":200}}',
        "event: log\ndata: no\n\n",
    ],
)
def test_what_is_no_log_is_refused(data: str) -> None:
    parsed = read(data)
    assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_it_is_a_gateway_that_real_files_were_read_of() -> None:
    assert portkey.usage_semantics(Gateway("gate", "portkey", "/logs", {})) == UsageSemantics()
    assert (GATEWAYS["portkey"].seen_from, GATEWAYS["portkey"].tested_on) == ("gateway", "real")
