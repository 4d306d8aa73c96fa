"""Every attribute that a field is read of, with an example of what its dialect writes there."""

import json
from typing import Any

import pytest
from otel_spans import CALL, one, without

from ingestion.gateways.spans import names

PARTS = {
    "cache_read": "cache_read_quantity",
    "cache_write": "cache_write_5m_quantity",
    "cache_write_5m": "cache_write_5m_quantity",
    "cache_write_1h": "cache_write_1h_quantity",
    "audio_input": "audio_input_quantity",
    "image_input": "image_input_quantity",
    "audio_output": "audio_output_quantity",
    "image_output": "image_output_quantity",
    "reasoning": "reasoning_tokens",
}
# Field -> the column that a text of it lands in, and such a text and how it lands.
WORDS: dict[str, tuple[names.Names, str, Any, Any]] = {
    **{column: (of, column, "some-word", "some-word") for column, of in names.TEXTS.items()},
    "served": (names.MODEL_SERVED, "model_served", "gpt-4o-2024", "gpt-4o-2024"),
    "routed": (names.MODEL_ROUTED, "model_routed", "openai/gpt-4o", "openai/gpt-4o"),
    "request": (names.PROVIDER_REQUEST_ID, "provider_request_id", "req_1", "req_1"),
    "call": (names.CALL_ID, "call_id", "call-1", "call-1"),
    "region": (names.REGION, "region", "eu-west-1", "eu-west-1"),
    "tier": (names.TIER_SERVED, "service_tier", "default", "standard"),
    "asked": (names.TIER_ASKED, "service_tier_asked", "flex", "flex"),
    "max": (names.MAX_TOKENS, "max_tokens", 4096, 4096),
    "stream": (names.STREAM, "stream", "True", True),
    "seconds": (names.FIRST_TOKEN_SECONDS, "ttft_ms", 0.25, 250.0),
    "milliseconds": (names.FIRST_TOKEN_MS, "ttft_ms", 80.5, 80.5),
    "http": (names.HTTP_STATUS, "http_status", "429", 429),
    "hit": (names.CACHE_HIT, "cache_layer", True, "gateway_exact"),
    "provider": (names.PROVIDER, "provider", "gcp.vertex_ai", "google"),
    "client": (names.PROVIDER_OF_CLIENT, "provider", "amazon-bedrock", "aws"),
    "attempt": (names.ATTEMPT, "attempt_no", "2", 2),
    "answer": (names.RESPONSE_ID, "request_id", "resp_1", "resp_1"),
}


@pytest.mark.parametrize(
    ("part", "name"), [(part, name) for part, of in names.COUNTS.items() for name in of]
)
def test_a_count(part: str, name: str) -> None:
    usage = [each for side in ("input", "output") for each in names.COUNTS[side]]
    call = without(CALL, *usage)
    if part in ("input", "output"):
        # one side alone is still a usage
        assert one(call | {name: 7})[f"{part}_quantity"] == 7
    elif part == "total":
        row = one(CALL | {name: 3398})
        assert row["provider_total_tokens"] == 3398
    else:
        assert one(CALL | {name: "7"})[PARTS[part]] == 7


@pytest.mark.parametrize(
    ("key", "name"), [(key, name) for key, of in names.SERVER_TOOL.items() for name in of]
)
def test_a_tool_of_the_providers(key: str, name: str) -> None:
    row = one(CALL | {name: "3"})
    searches = key == "web_search_requests"
    # code that ran is one session, however often it was asked for
    assert (row["web_searches_quantity"], row["code_sessions_quantity"]) == (
        (3, 0) if searches else (0, 1)
    )
    assert (row["input_quantity"], row["file_searches_quantity"]) == (3210, 0)


@pytest.mark.parametrize("name", [*names.SERVER_TOOLS, names.USAGE_OBJECT])
def test_tools_of_the_providers_in_an_object(name: str) -> None:
    used: Any = {"web_search_requests": 3, "code_execution_requests": None}
    if name == names.USAGE_OBJECT:
        used = {"server_tool_use": used}
    assert one(CALL | {name: json.dumps(used)})["web_searches_quantity"] == 3
    assert one(CALL | {name: "no object"})["web_searches_quantity"] == 0


@pytest.mark.parametrize(
    ("items", "meters"),
    [
        ([{"type": "web_search_call", "action": {"type": "search"}}] * 2, (2, 0, 0)),
        ([{"type": "web_search_call", "action": {"type": "open_page"}}], (0, 0, 0)),
        ([{"type": "web_search_call", "status": "failed"}], (0, 0, 0)),
        ([{"type": "file_search_call"}], (0, 1, 0)),
        ([{"type": "code_interpreter_call", "container_id": "c"}] * 3, (0, 0, 1)),
    ],
)
def test_tools_that_an_answer_called(items: Any, meters: tuple[int, ...]) -> None:
    answer = json.dumps({"id": "resp_1", "output": items})
    row = one(CALL | {names.ANSWER: answer})
    names_of = ("web_searches", "file_searches", "code_sessions")
    assert tuple(row[f"{name}_quantity"] for name in names_of) == meters
    # an exporter cuts long attributes
    cut = one(CALL | {names.ANSWER: answer[:-3]})
    assert [cut[f"{name}_quantity"] for name in names_of] == [0, 0, 0]


@pytest.mark.parametrize(
    ("asked", "answer", "landed"),
    [
        ('{"stream": true, "max_tokens": 64}', '{"service_tier":"priority"}', ("priority", None)),
        ('{"service_tier": "flex"}', '{"id": "chatcmpl-1"}', (None, "flex")),
        # what a caller or a model wrote is no tier
        ('{"max_tokens": Infinity}', r'{"text": "\"service_tier\": \"flex\""}', (None, None)),
        ("cut off", '{"usage": {"service_tier": "standard"', ("standard", None)),
    ],
)
def test_what_openinference_keeps_in_objects(asked: str, answer: str, landed: Any) -> None:
    row = one(CALL | {"llm.invocation_parameters": asked, names.ANSWER: answer})
    assert (row["service_tier"], row["service_tier_asked"]) == landed
    is_stream = "stream" in asked
    assert (row["stream"], row["max_tokens"]) == ((True, 64) if is_stream else (None, None))


def test_an_attribute_goes_before_what_stands_in_an_object() -> None:
    own = {"gen_ai.request.stream": False, "openai.response.service_tier": "flex"}
    kept = {
        "llm.invocation_parameters": '{"stream": true}',
        names.ANSWER: '{"service_tier":"batch"}',
    }
    row = one(CALL | own | kept)
    assert (row["stream"], row["service_tier"]) == (False, "flex")


@pytest.mark.parametrize(
    ("field", "name"), [(field, name) for field, (of, *_) in WORDS.items() for name in of]
)
def test_a_word(field: str, name: str) -> None:
    of, column, example, landed = WORDS[field]
    others = names.PROVIDER if column == "provider" else ()
    assert one(without(CALL, *of, *others) | {name: example}).get(column) == landed


@pytest.mark.parametrize("name", names.COST)
def test_a_cost_is_exact(name: str) -> None:
    assert str(one(CALL | {name: 0.00055125})["gateway_cost"]) == "0.000551250000"


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://acme.openai.azure.com/openai/deployments/x", "azure"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("http://127.0.0.1:4000/v1", "openai"),
    ],
)
def test_the_host_goes_before_what_the_library_says(url: str, provider: str) -> None:
    for name in names.HOST:
        assert one(CALL | {name: url})["provider"] == provider
