"""API Management's logs: what each of their records is, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.azure_apim import reader as apim
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "azure_apim" / "logs.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
NAMED = NamedPlaces(("metadata:apimsubscriptionid", "header:x-team", "header:x-feature"), "/none")
NONE = (None,) * 4
TOP = ("time", "category", "correlationId")
# By the last figure of the gateway's id: input, cache read, output, total; status, HTTP status,
# stream, operation, layer of the cache.
EXPECTED = {
    1: (120, 0, 30, 150, "success", None, False, "chat", None),
    2: (500, 20000, 210, 20710, "success", None, False, "chat", None),
    3: (26, 48854, 300, 49180, "success", None, True, "chat", None),
    4: (*NONE, "success", None, True, "chat", None),
    5: (0, 0, 0, 0, "error", 429, False, "chat", None),
    6: (120, 0, 30, 150, "success", 200, False, "chat", None),
    7: (5, 0, 0, 5, "success", 200, False, "embeddings", None),
    8: (0, 0, 0, 0, "success", 200, False, "chat", "gateway_exact"),
}


def read(data: bytes | str, **named: Any) -> Parsed:
    gateway = Gateway("apim", "azure_apim", "/logs", {}, **named)
    return apim.read_object(data.encode() if isinstance(data, str) else data, "PT1H.json", gateway)


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_key"][-4:]): row for row in parsed.rows["requests"]}


def said(row: Row) -> tuple[Any, ...]:
    names = (
        *("input_quantity", "cache_read_quantity", "output_quantity", "provider_total_tokens"),
        *("status", "http_status", "stream", "operation", "cache_layer"),
    )
    return tuple(row[name] for name in names)


def test_each_record_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the call that came twice is one by its key; messages and the other log are no calls
    assert (parsed.records, len(parsed.rows["requests"]), parsed.foreign) == (12, 9, 2)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field) == (11, "promptTokens")
    assert (reject.value, str(reject.day)) == ("a text of 4 characters", "2026-10-05")


def test_who_called_stands_in_another_record_under_the_calls_key() -> None:
    parsed = read(FIXTURE.read_bytes(), named=NAMED)
    [context] = parsed.context[0].to_pylist()
    call = by_number(parsed)[1]
    assert f"{context['join_key']}:{context['join_value']}" == call["request_key"]
    words = json.loads(context["attributes"])
    assert words["metadata"] == {"apimsubscriptionid": "search-prod"}
    assert words["headers"] == {"x-feature": "search", "x-team": "Atlas"}
    # what nothing reads lands as its name; a key not even so
    assert "metadata:productid" in words["unnamed"]
    assert "header:api-key" not in words["unnamed"]


def test_a_joined_row_says_it_itself() -> None:
    row = by_number(read(FIXTURE.read_bytes(), named=NAMED))[6]
    assert (row["gateway_key_id"], row["user_id"]) == ("chat-prod-key", "ann")
    assert json.loads(row["attributes"]) == {"metadata": {"apimsubscriptionid": "chat-prod-key"}}
    assert (row["provider"], row["deployment_id"]) == ("azure", "chat-prod")
    assert (row["model_requested"], row["model_served"]) == ("chat-prod", "gpt-4o-2024-11-20")
    assert (row["request_id"], row["provider_request_id"]) == ("chatcmpl-apim0006",) * 2
    assert (row["latency_ms"], row["route"]) == (
        *(1500.0, "/openai/deployments/chat-prod/chat/completions"),
    )


def test_another_backend_is_another_provider() -> None:
    row = json.loads(LINES[7]) | {"BackendUrl": "https://api.openai.com/v1/chat/completions"}
    [read_row] = read(json.dumps(row)).rows["requests"]
    assert read_row["provider"] == "openai"


def test_no_message_lands() -> None:
    parsed = read(FIXTURE.read_bytes())
    everything = str(parsed.rows) + str([each.to_pylist() for each in parsed.context])
    assert "amber" not in everything.lower() and "0123456789abcdef" not in everything


def test_one_event_of_an_event_hub_a_list_and_older_spellings_are_the_same() -> None:
    records = [json.loads(line) for line in LINES[:4]]
    expected = [said(row) for row in read(b"\n".join(LINES[:4])).rows["requests"]]
    texts = [each | {"properties": json.dumps(each["properties"])} for each in records]
    columns = [
        {f"{name}_s" if isinstance(value, str) else f"{name}_d": value for name, value in rest}
        for rest in (
            [*((name, each.get(name)) for name in TOP), *each["properties"].items()]
            for each in records
        )
    ]
    for data in (
        json.dumps({"records": records}),
        json.dumps(records, indent=2),
        "\n".join(json.dumps(each) for each in texts),
        "\n".join(json.dumps(each) for each in columns),
    ):
        parsed = read(data)
        assert [said(row) for row in parsed.rows["requests"]] == expected
        assert (parsed.records, parsed.foreign) == (4, 2)


def test_other_logs_of_the_gateway_are_foreign_and_what_is_none_is_refused() -> None:
    other = {"time": "2026-10-05T10:00:00Z", "category": "WebSocketConnectionLogs"}
    assert read(json.dumps(other | {"correlationId": "c"})).foreign == 1
    for data in ("{}", "[1]", '{"a":1}', '{"category":"GatewayLlmLogs","promptTokens":1}', "x"):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


@pytest.mark.parametrize(
    ("model", "prompt", "cached", "total", "expected"),
    [
        # Claude's API counts the cache beside the input, whichever is more
        ("claude-opus-4-5", 500, 100, 510, (500, 100, 10)),
        ("claude-opus-4-5", 500, 100, 610, (500, 100, 10)),
        ("gpt-4o", 500, 100, 510, (400, 100, 10)),
        # and so does whoever counts more of it than input
        ("my-alias", 26, 48854, 36, (26, 48854, 10)),
    ],
)
def test_cached_tokens_within_and_beside(
    model: str, prompt: int, cached: int, total: int, expected: tuple[int, ...]
) -> None:
    record = json.loads(LINES[0])
    record["properties"] |= {
        "modelName": model,
        "promptTokens": prompt,
        "promptCachedTokens": cached,
        "completionTokens": 10,
        "totalTokens": total,
    }
    [row] = read(json.dumps(record)).rows["requests"]
    assert tuple(said(row)[:3]) == expected


def test_a_total_that_the_counts_do_not_make_is_quarantined() -> None:
    record = json.loads(LINES[0])
    record["properties"]["totalTokens"] = 151
    [reject] = read(json.dumps(record)).rejects
    assert (reject.field, "(151, they make 150)" in reject.reason) == ("totalTokens", True)


def test_it_declares_cached_tokens_within_the_input_and_sees_what_a_gateway_sees() -> None:
    gateway = Gateway("apim", "azure_apim", "/logs", {})
    assert apim.usage_semantics(gateway) == UsageSemantics()
    assert GATEWAYS["azure_apim"].seen_from == "gateway"
