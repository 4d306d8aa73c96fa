"""OpenRouter's generations: what each of them is, by hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.gateways.openrouter import reader as openrouter
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "openrouter" / "generations.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
# By the number in the id: input, cache read, output, total, reasoning; status, HTTP status, stated
# cost, layer of the cache.
EXPECTED = {
    1: (100, 0, 25, 125, 0, "success", 200, "0.0015", "none"),
    2: (13, 18041, 120, 18174, 0, "success", 200, "0.0055", "none"),
    3: (100, 0, 900, 1000, 700, "success", 200, "0.0123", "none"),
    4: (None, None, None, None, None, "cancelled", None, "0", "none"),
    5: (0, 0, 0, 0, 0, "error", 503, "0", "none"),
    6: (100, 0, 25, 125, 0, "success", 200, "0.0015", "none"),
    7: (100, 0, 25, 125, 0, "success", 200, "0.00007", "none"),
    8: (100, 0, 25, 125, 0, "success", 200, "0", "none"),
    9: (0, 0, 0, 0, 0, "success", 200, "0", "gateway_exact"),
}
EXPORT = (
    "generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,tokens_completion,"
    "tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,api_key_name\n"
    "gen-1,2026-10-05 03:46:57.713,0.0123,,10389,137,9,9000,openai/gpt-oss-120b,Groq,standard,a\n"
    "gen-2,2026-10-05 23:59:59.999,0,,10,5,0,0,openai/gpt-oss-120b,Groq,free,lab\n"
    "gen-3,soon,0,,10,5,0,0,openai/gpt-oss-120b,Groq,free,lab\n"
    "gen-4,2026-10-05 23:59:59.999,0\n"
)


def read(data: bytes | str, **named: Any) -> Parsed:
    gateway = Gateway("router", "openrouter", "/logs", {}, **named)
    return openrouter.read_object(data.encode() if isinstance(data, str) else data, "g", gateway)


def said(row: Row) -> tuple[Any, ...]:
    names = (
        *("input_quantity", "cache_read_quantity", "output_quantity", "provider_total_tokens"),
        *("reasoning_tokens", "status", "http_status"),
    )
    cost = json.loads(row["raw_usage"], parse_float=Decimal)["cost"]
    assert row["gateway_cost"] == Decimal(cost)
    return (*(row[name] for name in names), f"{Decimal(cost):f}", row["cache_layer"])


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_id"][4:8]): row for row in parsed.rows["requests"]}


def test_each_generation_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the answer that was saved twice is one by its key
    assert (parsed.records, len(parsed.rows["requests"])) == (11, 10)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (
        *(10, "native_tokens_prompt", "2026-10-05"),
    )


def test_one_answer_a_list_and_lines_of_generations_are_the_same() -> None:
    generations = [json.loads(line)["data"] for line in LINES[:3]]
    expected = [said(row) for row in read(b"\n".join(LINES[:3])).rows["requests"]]
    for data in (
        json.dumps(generations),
        json.dumps([{"data": each} for each in generations], indent=2),
        json.dumps({"data": generations}),
        "\n".join(map(json.dumps, generations)),
    ):
        assert [said(row) for row in read(data).rows["requests"]] == expected
    [alone] = read(json.dumps({"data": generations[0]}, indent=2)).rows["requests"]
    assert said(alone) == expected[0]


def test_who_asked_for_what_and_who_answered() -> None:
    named = NamedPlaces(("metadata:origin",), "/none")
    rows = by_number(read(FIXTURE.read_bytes(), named=named))
    row = rows[3]
    assert (row["provider"], row["provider_request_id"]) == ("openrouter", "chatcmpl-up-0003")
    assert (row["model_requested"], row["model_routed"]) == ("openrouter/auto", "openai/gpt-4.1")
    assert (row["service_tier"], row["deployment_id"]) == ("priority", "OpenAI")
    assert (row["customer_id"], row["sub_account_hint"]) == ("cust-1", "ws_search")
    assert (row["latency_ms"], row["stream"]) == (1250.0, True)
    assert json.loads(row["attributes"]) == {"metadata": {"origin": "https://search.acme.org/"}}
    assert rows[6]["call_id"] == "req-6-of-a-caller"
    assert rows[8]["model_routed"] == "meta-llama/llama-4:free"


def test_counts_of_another_tokenizer_are_an_estimate() -> None:
    generation = json.loads(LINES[0])["data"]
    for name in [name for name in generation if name.startswith("native_tokens")]:
        del generation[name]
    [row] = read(json.dumps(generation)).rows["requests"]
    assert (row["input_quantity"], row["tokens_estimated"]) == (90, True)
    assert not by_number(read(LINES[0]))[1]["tokens_estimated"]


def test_the_log_that_its_page_exports() -> None:
    parsed = read(EXPORT)
    first, free = parsed.rows["requests"]
    assert said(first) == (1389, 9000, 137, 10526, 9, "success", None, "0.0123", "none")
    assert (first["credential_hint"], first["tokens_estimated"]) == ("a", False)
    assert free["model_routed"] == "openai/gpt-oss-120b:free"
    assert [reject.field for reject in parsed.rejects] == ["created_at", None]


def test_what_is_no_generation_is_refused() -> None:
    for data in ("a,b\n1,2\n", "{}", '{"error":{"code":404}}', '{"data":{"id":"gen-1"}}', "", "["):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_it_sees_a_call_behind_a_gateway() -> None:
    gateway = Gateway("router", "openrouter", "/logs", {})
    assert openrouter.usage_semantics(gateway) == UsageSemantics()
    assert GATEWAYS["openrouter"].seen_from == "router"
