"""Entries of Kong's log: what each call of a model in them is, by hand."""

import json
from pathlib import Path
from typing import Any

from ingestion.gateways.kong import reader as kong
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "kong" / "entries.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
# By the second of its start, the calls of an entry in order: input, cache read, output, total,
# reasoning; status, HTTP status, cost, layer of the cache.
EXPECTED = {
    1: [(100, 0, 25, 125, 0, "success", 200, "0.00075", "none")],
    2: [(952, 2048, 900, 3900, 700, "success", 200, "0.00075", "none")],
    # as Anthropic counts: cached tokens beside the input; no price was configured
    3: [(13, 5000, 120, 5133, 0, "success", 200, None, "none")],
    4: [(None, None, None, None, None, "success", 200, None, "none")],
    5: [(0, 0, 0, 0, 0, "error", 429, "0", "none")],
    6: [(100, 0, 25, 125, 0, "success", 200, "0.00075", "none")],
    9: [(0, 0, 0, 0, 0, "success", 200, "0.002", "semantic")],
    10: [(0, 0, 0, 0, 0, "success", 200, "0.00075", "gateway_exact")],
    11: [
        (28, 0, 20, 48, 0, "success", 200, "0.0038", "none"),
        (89, 0, 56, 145, 0, "success", 200, "0.0012", "none"),
    ],
    14: [
        (100, 0, 25, 125, 0, "success", 200, "0.00075", "none"),
        (62, 0, 0, 62, 0, "success", 200, None, "none"),
        (None, None, None, None, None, "success", 200, None, "none"),
    ],
    # a plugin refused the answer that the provider had given: it may be billed
    15: [(None, None, None, None, None, "error", 400, None, "none")],
    16: [(50, 0, 0, 1306, 0, "success", 200, "0.04", "none")],
    17: [(100, 0, 25, 125, 0, "success", 200, "0.00075", "none")],
    18: [(None, None, None, None, None, "cancelled", 499, None, "none")],
}


def read(data: bytes | str, *places: str) -> Parsed:
    named = NamedPlaces(places, "/none") if places else NamedPlaces()
    gateway = Gateway("edge", "kong", "/logs", {}, named=named)
    return kong.read_object(data.encode() if isinstance(data, str) else data, "k", gateway)


def said(row: Row) -> tuple[Any, ...]:
    counts = ("input", "cache_read", "output")
    cost = row["gateway_cost"]
    return (
        *(row[f"{name}_quantity"] for name in counts),
        *(row["provider_total_tokens"], row["reasoning_tokens"], row["status"]),
        row["http_status"],
        None if cost is None else f"{cost.normalize():f}",
        row["cache_layer"],
    )


def by_second(parsed: Parsed) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in parsed.rows["requests"]:
        known = found.setdefault(row["started_at"].second, [])
        if row["request_key"] not in [each["request_key"] for each in known]:
            known.append(row)
    return found


def test_each_call_is_what_its_entry_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    rows = by_second(parsed)
    assert {second: list(map(said, each)) for second, each in rows.items()} == EXPECTED
    # another API's request and MCP are of no model; the entry that was sent twice is one by its id
    assert (parsed.records, parsed.foreign, len(parsed.rows["requests"])) == (18, 2, 18)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (
        *(7, "ai.proxy.usage.prompt_tokens", "2026-10-05"),
    )


def test_times_streams_and_tries() -> None:
    rows = by_second(read(FIXTURE.read_bytes()))
    [streamed] = rows[2]
    assert (streamed["stream"], streamed["ttft_ms"], streamed["latency_ms"]) == (
        True,
        631.0,
        1015.0,
    )
    assert streamed["started_at"].isoformat() == "2026-10-05T10:00:02+00:00"
    assert [rows[second][0]["attempt_no"] for second in (1, 6, 9)] == [1, 2, None]
    assert rows[1][0]["stream"] is False


def test_who_asked() -> None:
    rows = by_second(read(FIXTURE.read_bytes(), "metadata:*", "header:x-feature"))
    [row] = rows[1]
    assert (row["gateway_key_id"], row["gateway_key_alias"]) == (
        *("eaa330c0-4cff-47f5-c79e-b2e4f355207e", "search-service"),
    )
    assert (row["user_id"], row["route"]) == ("search-service", "chat")
    evidence = json.loads(row["attributes"])
    # the consumer's tags go before those of its route
    assert (evidence["tags"], evidence["labels"]) == (
        {"team": "search", "feature": "answers"},
        ["internal"],
    )
    assert evidence["headers"] == {"x-feature": "search"}
    assert evidence["metadata"]["consumer.custom_id"] == "svc-17"
    assert evidence["metadata"]["workspace"] == "default"
    custom = json.loads(rows[2][0]["attributes"])["metadata"]
    assert (custom["team"], custom["tenant.name"], custom["tenant.seats"]) == ("ml", "acme", 3)
    assert (rows[11][0]["user_id"], rows[11][0]["gateway_key_id"]) == (None, None)


def test_who_answered() -> None:
    rows = by_second(read(FIXTURE.read_bytes()))
    models = ("provider", "model_requested", "model_served", "deployment_id", "operation")
    assert [rows[17][0][name] for name in models] == [
        *("azure", "gpt-4o", "gpt-4o-2024-08-06", "chat-prod", "chat"),
    ]
    assert rows[16][0]["image_output_quantity"] == 1056
    assert (rows[16][0]["operation"], rows[16][0]["image_input_quantity"]) == ("image", 200)
    # the id of the request that the provider gave, none of what a cache answered
    ids = [rows[second][0]["provider_request_id"] for second in (1, 3, 10)]
    assert ids == ["req_00000000000000000000000000000001", "req_011CTanthropic00003", None]


def test_what_plugins_asked_themselves_is_of_the_same_call() -> None:
    rows = by_second(read(FIXTURE.read_bytes()))
    proxied, embedding, judge = rows[14]
    assert proxied["request_id"] == proxied["call_id"] == embedding["call_id"] == judge["call_id"]
    assert [row["request_id"].partition("/")[2] for row in rows[14]] == [
        *("", "ai.proxy.rag-inject", "ai.proxy.ai-llm-as-judge"),
    ]
    assert (embedding["operation"], embedding["model_requested"]) == (
        *("embeddings", "text-embedding-3-small"),
    )
    # it judges gpt-4o and is gpt-4o-mini; what it used, nobody says
    assert (judge["model_requested"], judge["latency_ms"]) == ("gpt-4o-mini", 800.0)
    assert embedding["provider_request_id"] is None
    # 3.6 has no id of a request; the proxied call is first wherever it stands
    main, transformer = rows[11]
    assert (main["provider"], transformer["provider"]) == ("cohere", "azure")
    assert main["request_id_made"] and transformer["request_id"] == f"{main['request_id']}#1"


def test_arrays_that_http_log_sends_are_the_same_entries() -> None:
    entries = [json.loads(line) for line in LINES]
    expected = [said(row) for row in read(FIXTURE.read_bytes()).rows["requests"]]
    for indent in (None, 1):
        parsed = read(json.dumps(entries, indent=indent))
        assert [said(row) for row in parsed.rows["requests"]] == expected


def test_no_text_of_a_payload_lands() -> None:
    parsed = read(FIXTURE.read_bytes(), "metadata:*", "header:*")
    landed = str(parsed.rows)
    for text in ("refund", "policy page", "the answer of the model", "10.0.0.7"):
        assert text not in landed


def test_zeros_of_an_answered_call_are_unknown_and_odd_counts_are_refused() -> None:
    entry = json.loads(LINES[0])
    usage = entry["ai"]["proxy"]["usage"]
    for wrong in (
        usage | {"total_tokens": 99},
        usage | {"prompt_tokens": -1},
        usage | {"completion_tokens": 1.5},
        usage | {"completion_tokens_details": {"audio_tokens": 26}},
    ):
        entry["ai"]["proxy"]["usage"] = wrong
        [reject] = read(json.dumps(entry)).rejects
        assert reject.field and reject.field.startswith("ai.proxy.usage.")
    entry["ai"]["proxy"]["usage"] = {"time_per_token": 3}
    [row] = read(json.dumps(entry)).rows["requests"]
    assert (row["input_quantity"], row["images_quantity"], row["status"]) == (None, None, "success")


def test_what_is_no_entry_is_refused() -> None:
    for data in ("{}", '{"ai":7}', '{"ai":7,"request":{}}', "[1]", '{"request":"GET /"}', "", "["):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1
    entry = json.loads(LINES[0])
    for time in (None, "2026-10-05T10:00:00Z", True, 5):
        [reject] = read(json.dumps(entry | {"started_at": time})).rejects
        assert reject.field == "started_at"


def test_it_sees_a_call_as_a_gateway() -> None:
    assert kong.usage_semantics(Gateway("edge", "kong", "/logs", {})) == UsageSemantics()
    assert GATEWAYS["kong"].seen_from == "gateway"
