"""Datadog's LLM Observability: spans as it exports them and as they are posted to it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.datadog import reader
from ingestion.records import Parsed, Row
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "datadog"
SPANS = (FIXTURES / "spans.jsonl").read_bytes()
POSTS = (FIXTURES / "posts.jsonl").read_bytes()
EXPORTED: list[dict[str, Any]] = [json.loads(line) for line in SPANS.splitlines()]
TRACE = "6903738200000000af2d3775dfc70530"
GATEWAY = Gateway(
    "traces", "datadog", "/logs", {}, named=NamedPlaces(places=("metadata:feature", "tag:team"))
)
TEXT = "a secret plan of acme"
Meters = tuple[int, int, int, int, int, int] | None
# Span -> its meters: input, read, written for 5 minutes and an hour, output, reasoning.
OF_SPANS: dict[str, Meters] = {
    f"{TRACE}/12": (3210, 0, 0, 0, 188, 0),
    f"{TRACE}/13": (1372, 6016, 1420, 500, 35, 0),
    f"{TRACE}/14": (3451, 0, 0, 0, 1170, 505),
    f"{TRACE}/15": None,
    f"{TRACE}/16": (0, 0, 0, 0, 0, 0),
    f"{TRACE}/17": (3210, 0, 0, 0, 188, 0),
    f"{TRACE}/18": (18, 0, 0, 0, 0, 0),
}
POSTED = "6b0ab898000000008606764fd06c558d"
LITELLM = "sess-9/676d001d-0000-4000-8000-{:012d}"
OF_POSTS: dict[str, Meters] = {
    f"{POSTED}/2": (60, 40, 0, 0, 10, 0),
    # nobody answered: what it used is not known
    f"{POSTED}/3": None,
    LITELLM.format(4): (2511, 128, 0, 0, 259, 0),
    LITELLM.format(5): (0, 0, 0, 0, 0, 0),
    LITELLM.format(6): (0, 0, 0, 0, 0, 0),
    LITELLM.format(7): None,
}


def read(data: bytes) -> Parsed:
    return reader.read_object(data, "spans", GATEWAY)


def by_place(parsed: Parsed) -> dict[str, Row]:
    return {row["request_key"].removeprefix("datadog:"): row for row in parsed.rows["requests"]}


def contexts(parsed: Parsed) -> dict[str, dict[str, Any]]:
    rows = [row for table in parsed.context for row in table.to_pylist()]
    return {row["join_value"]: json.loads(row["attributes"]) for row in rows}


def meters(row: Row) -> Meters:
    if row["input_quantity"] is None:
        return None
    return (
        *(row["input_quantity"], row["cache_read_quantity"], row["cache_write_5m_quantity"]),
        *(row["cache_write_1h_quantity"], row["output_quantity"], row["reasoning_tokens"]),
    )


def one(**attributes: Any) -> Row:
    record = EXPORTED[1] | {"attributes": EXPORTED[1]["attributes"] | attributes}
    parsed = read(json.dumps(record).encode())
    assert parsed.rejects == []
    [row] = parsed.rows["requests"]
    return row


@pytest.mark.parametrize(("data", "expected"), [(SPANS, OF_SPANS), (POSTS, OF_POSTS)])
def test_calls_are_requests_with_disjoint_meters(data: bytes, expected: dict[str, Meters]) -> None:
    assert {place: meters(row) for place, row in by_place(read(data)).items()} == expected


def test_what_an_exported_call_says_of_itself() -> None:
    row = by_place(read(SPANS))[f"{TRACE}/12"]
    assert (row["trace_id"], row["call_id"]) == (TRACE, f"{TRACE}/12")
    # `start_ns` are milliseconds here, `duration` nanoseconds
    assert row["started_at"] == datetime(2026, 6, 1, 10, 0, 12, tzinfo=UTC)
    assert (row["latency_ms"], row["stream"], row["ttft_ms"]) == (830.0, None, None)
    assert (row["model_requested"], row["model_served"]) == ("gpt-4o-2024-08-06",) * 2
    assert (row["provider"], row["operation"], row["status"]) == ("openai", "chat", "success")
    assert (row["session_id"], row["customer_id"], row["max_tokens"]) == ("s-1", "cust-1", 500)
    # billionths of a dollar
    assert row["gateway_cost"] == Decimal("0.009905")
    assert json.loads(row["attributes"]) == {
        "tags": {"env": "prod", "team": "Search", "user_id": "cust-1"}
    }
    assert json.loads(row["unnamed_attributes"]).keys() == {"metadata:ml_app", "metadata:squad"}


def test_who_bills_a_call_is_whose_api_was_called() -> None:
    rows = by_place(read(SPANS))
    assert rows[f"{TRACE}/13"]["provider"] == "aws"
    assert one(model_provider="azure_openai")["provider"] == "azure"
    assert one(model_provider="custom", model_name="claude-opus-4-8")["provider"] == "anthropic"
    assert one(tags=["integration:vertexai"], model_provider="google")["provider"] == "google"


def test_an_error_a_stream_a_tier_and_an_embedding() -> None:
    rows = by_place(read(SPANS))
    error = rows[f"{TRACE}/16"]
    assert (error["status"], error["error_class"]) == ("error", "RateLimitError")
    assert (error["model_requested"], error["model_served"]) == ("gpt-4o", None)
    streamed = rows[f"{TRACE}/15"]
    assert (streamed["stream"], streamed["provider_total_tokens"]) == (True, None)
    assert rows[f"{TRACE}/14"]["service_tier_asked"] == "flex"
    assert rows[f"{TRACE}/18"]["operation"] == "embeddings"


def test_a_duplicate_is_the_same_record_and_a_retry_another() -> None:
    rows = read(SPANS).rows["requests"]
    twice = [row for row in rows if row["request_key"] == f"datadog:{TRACE}/12"]
    assert len(twice) == 2 and twice[0]["content_hash"] == twice[1]["content_hash"]
    assert len({row["request_key"] for row in rows}) == len(rows) - 1


def test_only_spans_of_models_are_requests_whatever_stands_on_others() -> None:
    parsed = read(SPANS)
    assert (parsed.records, parsed.foreign) == (len(EXPORTED), 4)
    said = contexts(parsed)
    kinds = {place.rpartition("/")[2]: each["kind"] for place, each in said.items()}
    assert {kinds[number] for number in ("12", "18")} == {"call"}
    assert [kinds[number] for number in ("11", "19", "20", "21")] == [
        *("agent", "tool", "retrieval", "step")
    ]
    assert (said[f"{TRACE}/11"]["agent"], "parent" in said[f"{TRACE}/11"]) == ("researcher", False)
    assert said[f"{TRACE}/19"]["tool"] == "find-pages"
    assert said[f"{TRACE}/12"]["parent"] == f"{TRACE}/11"


def test_what_cannot_be_read_is_told_alone() -> None:
    parsed = read(SPANS)
    assert [each.field for each in parsed.rejects] == [
        *("input_tokens", "gen_ai.usage.total_tokens", "start_ns", "trace_id")
    ]
    assert [str(each.day) for each in parsed.rejects] == [
        *("2026-06-01", "2026-06-01", "None", "2026-06-01")
    ]


def test_what_is_posted() -> None:
    parsed = read(POSTS)
    assert (parsed.records, parsed.foreign) == (9, 2)
    assert [each.reason[:18] for each in parsed.rejects] == ["no span of Datadog"]
    row = by_place(parsed)[f"{POSTED}/2"]
    assert row["started_at"] == datetime(2026, 6, 1, 10, 0, 2, tzinfo=UTC)
    assert (row["session_id"], row["customer_id"]) == ("s-2", "cust-2")
    assert (row["stream"], row["ttft_ms"], row["provider"]) == (True, 250.0, "openai")
    said = contexts(parsed)
    assert said[f"{POSTED}/1"]["workflow"] == "ask"
    assert said[f"{POSTED}/2"]["agent"] == "planner"


def test_what_litellms_callback_posts() -> None:
    rows = by_place(read(POSTS))
    row = rows[LITELLM.format(4)]
    assert (row["request_id"], row["session_id"], row["customer_id"]) == (
        *("chatcmpl-9", "sess-9", "cust-9"),
    )
    assert (row["model_requested"], row["model_routed"]) == ("chat-fast", "openai/gpt-4o-mini")
    assert (row["gateway_key_alias"], row["gateway_team_alias"]) == ("search-prod", "Atlas Search")
    # dollars, and no first token of what is no stream
    assert (row["gateway_cost"], row["ttft_ms"]) == (Decimal("0.00055125"), None)
    assert json.loads(row["attributes"]) == {
        "metadata": {"feature": "answers"},
        "tags": {"env": "prod", "tier": "pro"},
    }
    hit = rows[LITELLM.format(5)]
    assert (hit["cache_layer"], hit["gateway_cost"]) == ("gateway_exact", Decimal(0))
    assert rows[LITELLM.format(6)]["error_class"] == "RateLimitError"


@pytest.mark.parametrize("data", [SPANS, POSTS])
def test_no_text_lands(data: bytes) -> None:
    parsed = read(data)
    assert TEXT not in repr((parsed.rows, contexts(parsed), parsed.rejects))


def test_lines_pages_lists_and_posts_are_the_same_requests() -> None:
    good = [EXPORTED[number] for number in (0, 1, 2, 3)]
    attributes = [each["attributes"] for each in good]
    forms: list[Any] = [
        {"data": good, "meta": {"elapsed": 3, "page": {"after": "x"}}},
        {"links": {"next": "https://api.example/page"}, "data": good},
        good,
        attributes,
        [{"spans": attributes[:2]}, {"spans": attributes[2:]}],
        {"data": {"type": "span", "attributes": {"spans": attributes}}},
    ]
    places = [by_place(read(json.dumps(form).encode())) for form in forms]
    assert [list(each) for each in places] == [[f"{TRACE}/{n}" for n in (12, 13, 14)]] * len(forms)
    assert [list(map(meters, each.values())) for each in places] == [
        [OF_SPANS[place] for place in places[0]]
    ] * len(forms)
    assert read(b'{"data": [], "meta": {"status": "done"}}').rejects == []


def test_a_post_says_session_application_and_tags_of_all_its_spans() -> None:
    span = EXPORTED[1]["attributes"] | {"tags": ["team:Growth"]}
    del span["ml_app"]
    around = {"ml_app": "shop", "session_id": "s-9", "tags": ["team:Search", "feature:cart"]}
    post = {"data": {"attributes": around | {"spans": [span]}}}
    [row] = read(json.dumps(post).encode()).rows["requests"]
    assert row["session_id"] == "s-9"
    assert json.loads(row["attributes"]) == {"tags": {"feature": "cart", "team": "Growth"}}
    assert json.loads(row["unnamed_attributes"]).keys() == {"metadata:ml_app", "metadata:squad"}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"data": 1}', None),
        (b"[[[[[[[[[1]]]]]]]]]", None),
        (b'{"spans": [1]}', None),
        (b'{"span_id": "1", "trace_id": "2", "start_ns": 3.5}', "start_ns"),
        (b'{"span_id": "1", "trace_id": "2", "start_ns": 1780308000000, "duration": 1e20}', "dura"),
    ],
)
def test_what_is_no_span_is_told(line: bytes, field: str | None) -> None:
    parsed = read(line + b"\n" + line + b"\n")
    assert parsed.rows["requests"] == [] and len(parsed.rejects) == 2
    assert {each.field and each.field[:8] for each in parsed.rejects} <= {field, "duration"}
