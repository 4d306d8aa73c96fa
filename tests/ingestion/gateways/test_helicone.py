"""Helicone's requests: what each of them is, by hand."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingestion.gateways.helicone import reader as helicone
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "helicone"
LINES = (FIXTURES / "requests.jsonl").read_bytes().splitlines()
TABLE = (FIXTURES / "request_response_rmt.jsonl").read_bytes().splitlines()
NAMED = NamedPlaces(("metadata:feature", "metadata:team", "metadata:tier"), "/none")
NONE = (None,) * 7
# By the number in the id: input, cache read, writes of 5m and 1h, output, total, reasoning; status,
# HTTP status, cost, layer of the cache.
EXPECTED = {
    1: (412, 0, 0, 0, 96, 508, 0, "success", 200, "0.0001194", "none"),
    2: (12, 20000, 500, 0, 210, 20722, 0, "success", 200, "0.011061", "none"),
    3: (412, 0, 0, 0, 900, 1312, 700, "success", 200, "0.0044132", "none"),
    4: (*NONE, "success", 200, None, "none"),
    5: (0, 0, 0, 0, 0, 0, 0, "error", 429, "0", "none"),
    6: (412, 0, 0, 0, 96, 508, 0, "success", 200, "0.0001194", "none"),
    8: (0, 0, 0, 0, 0, 0, 0, "success", 200, "0", "gateway_exact"),
    # the body splits the writes
    9: (9, 200, 100, 200, 40, 549, 0, "success", 200, "0.00098", "none"),
    # of a body that Helicone made the columns stand: its total counts cached tokens twice
    10: (100, 1000, 0, 0, 20, 1120, 0, "success", 200, "0.0009", "none"),
    11: (*NONE, "cancelled", None, None, "none"),
}
EXPECTED_OF_TABLE = {
    1: EXPECTED[1],
    15: (100, 1000, 0, 0, 20, 1120, 0, "success", 200, "0.0009", "none"),
    16: (40, 0, 0, 0, 96, 436, 0, "success", 200, None, "none"),
    17: EXPECTED[8],
    18: (0, 0, 0, 0, 0, 0, 0, "error", 500, "0", "none"),
    19: (*NONE, "success", 200, None, "none"),
}
EXPORTED = (
    *("response_id", "response_created_at", "response_status", "request_created_at"),
    *("request_body", "request_properties", "request_user_id", "model"),
    *("prompt_tokens", "completion_tokens", "latency", "cost"),
)


def read(data: bytes | str, **named: Any) -> Parsed:
    gateway = Gateway("proxy", "helicone", "/logs", {}, **named)
    return helicone.read_object(data.encode() if isinstance(data, str) else data, "h", gateway)


def said(row: Row) -> tuple[Any, ...]:
    meters = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    others = ("provider_total_tokens", "reasoning_tokens", "status", "http_status")
    cost = row["gateway_cost"]
    return (
        *(row[f"{meter}_quantity"] for meter in meters),
        *(row[name] for name in others),
        None if cost is None else f"{cost.normalize():f}",
        row["cache_layer"],
    )


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_id"][-4:]): row for row in parsed.rows["requests"]}


def contexts(parsed: Parsed) -> dict[int, dict[str, Any]]:
    rows = pa.concat_tables(parsed.context).to_pylist() if parsed.context else []
    return {int(row["join_value"][-4:]): json.loads(row["attributes"]) for row in rows}


def cells(rows: list[dict[str, Any]], names: tuple[str, ...]) -> str:
    """A CSV with these columns; objects stand in it as JSON."""
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({n: json.dumps(v) if isinstance(v, dict) else v for n, v in row.items()})
    return out.getvalue()


def exported(rows: list[dict[str, Any]]) -> str:
    """As the export tool writes it: the quotes of an object are doubled, and those of its cell."""
    lines = [",".join(EXPORTED)]
    for row in rows:
        told = [row.get(name) for name in EXPORTED]
        texts = [json.dumps(v).replace('"', '""') if isinstance(v, dict) else v for v in told]
        escaped = [None if text is None else str(text).replace('"', '""') for text in texts]
        lines.append(",".join("" if text is None else f'"{text}"' for text in escaped))
    return "\n".join(lines) + "\n"


def test_each_request_is_what_it_says() -> None:
    parsed = read(b"\n".join(LINES))
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the one that came twice is one by its key; a tool and a list of models are no calls
    assert (parsed.records, len(parsed.rows["requests"]), parsed.foreign) == (14, 11, 2)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (
        *(12, "prompt_tokens", "2026-10-05"),
    )


def test_each_row_of_the_table_is_what_it_says() -> None:
    rows = by_number(read(b"\n".join(TABLE)))
    assert {number: said(row) for number, row in rows.items()} == EXPECTED_OF_TABLE
    assert rows[16]["audio_input_quantity"] == 300
    # what goes by Helicone's own credits is on its bill
    assert (rows[15]["provider"], rows[1]["provider"]) == ("helicone", "openai")
    assert rows[15]["gateway_key_id"] == "55555555-0000-4000-8000-000000000001"
    assert rows[1]["gateway_key_id"] is None


def test_a_list_a_page_and_the_table_tell_the_same_request() -> None:
    requests = [json.loads(line) for line in LINES[:6]]
    expected = [said(row) for row in read(b"\n".join(LINES[:6])).rows["requests"]]
    for data in (json.dumps(requests, indent=2), json.dumps({"data": requests, "error": None})):
        assert [said(row) for row in read(data).rows["requests"]] == expected
    [of_api], [of_table] = (read(line).rows["requests"] for line in (LINES[0], TABLE[0]))
    for name in ("request_key", "call_id", "started_at", "ended_at", "customer_id", "attributes"):
        assert of_api[name] == of_table[name]


def test_a_csv_of_the_table_and_of_a_query() -> None:
    row = json.loads(TABLE[0])
    as_map = row | {"properties": "{'Feature':'search-answer','Team':'Atlas Search'}"}
    for record in (row, as_map, row | {"proxy_key_id": "\\N"}):
        [found] = read(cells([record], tuple(row)), named=NAMED).rows["requests"]
        assert said(found) == EXPECTED[1]
        assert json.loads(found["attributes"])["metadata"]["team"] == "Atlas Search"
    # whole billionths, unless the query has divided them
    [divided] = read(cells([row | {"cost": "0.0001194"}], tuple(row))).rows["requests"]
    assert divided["gateway_cost"] == Decimal("0.0001194")


def test_the_csv_of_the_export_tool() -> None:
    """It doubles the quotes of an object twice, has no id of the request, no model unless bodies
    are exported, and counts without cached tokens; it pairs with the same request elsewhere.
    """
    whole, cached = (json.loads(LINES[n]) for n in (0, 8))
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": 'say "so"'}]}
    parsed = read(exported([whole | {"request_body": body}, whole]), named=NAMED)
    [row] = parsed.rows["requests"]
    assert said(row)[:9] == EXPECTED[1][:9]
    assert (row["model_requested"], row["cache_layer"]) == ("gpt-4o-mini", None)
    assert (row["call_id"], row["evidence_rank"]) == (whole["response_id"], 1)
    assert json.loads(row["attributes"])["metadata"]["feature"] == "search-answer"
    [reject] = parsed.rejects
    assert (reject.field, "JSON lines" in (reject.option or "")) == ("model", True)
    [of_json] = read(LINES[0]).rows["requests"]
    assert (of_json["call_id"], of_json["evidence_rank"]) == (row["call_id"], 2)
    [without] = read(exported([cached | {"request_body": body}])).rows["requests"]
    assert (without["input_quantity"], without["cache_read_quantity"]) == (9, 0)


def test_who_asked_for_what_and_who_answered() -> None:
    rows = by_number(read(b"\n".join(LINES), named=NAMED))
    row = rows[9]
    assert json.loads(row["attributes"])["metadata"] == {"feature": "ticket-triage"}
    assert (row["customer_id"], row["session_id"]) == ("cust-1001", "sess-42")
    assert (row["provider"], row["provider_request_id"]) == ("anthropic", "msg_01f7e05b0d91")
    assert (row["model_requested"], row["model_served"]) == (
        *("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
    )
    assert (row["service_tier"], row["finish_reason"]) == ("standard", "end_turn")
    assert (row["max_tokens"], row["stream"], row["web_searches_quantity"]) == (1024, True, 2)
    assert (row["latency_ms"], row["cache_ttl_assumed"]) == (1150.0, False)
    assert (rows[4]["stream"], rows[4]["ttft_ms"]) == (True, 310.0)
    assert rows[2]["cache_ttl_assumed"]
    assert rows[5]["error_class"] == "rate_limit_error"
    assert rows[11]["customer_id"] is None


def test_what_it_claims_is_no_word_of_the_provider() -> None:
    """A `cost` of raw_usage is what a provider states (decision 82)."""
    rows = by_number(read(b"\n".join([*LINES, TABLE[0]])))
    used = {number: json.loads(row["raw_usage"]) for number, row in rows.items()}
    assert all("cost" not in each for each in used.values())
    assert used[3]["reasoning_tokens"] == 700
    assert used[9]["cache_creation"]["ephemeral_1h_input_tokens"] == 200
    assert used[9]["columns"]["prompt_cache_write_tokens"] == 300
    assert used[10] == used[10] | {"prompt_tokens": 100, "prompt_cache_read_tokens": 1000}


def test_a_session_with_a_path_is_a_run() -> None:
    found = contexts(read(b"\n".join(LINES)))
    run = {"run": "sess-42", "workflow": "Research", "session": "sess-42"}
    assert found == {
        2: run | {"kind": "call", "step": "/research/outline"},
        9: run | {"kind": "call", "step": "/research/outline"},
        12: run | {"kind": "tool", "step": "/research/outline/search", "tool": "search_docs"},
    }
    # a conversation is none
    request = json.loads(LINES[0])
    request["request_properties"]["Helicone-Session-Id"] = "sess-1"
    parsed = read(json.dumps(request))
    assert (parsed.context, parsed.rows["requests"][0]["session_id"]) == ([], "sess-1")


def test_no_text_of_a_body_lands() -> None:
    parsed = read(b"\n".join([*LINES, *TABLE]))
    landed = repr(parsed.rows["requests"]) + repr(parsed.rejects) + repr(parsed.context)
    assert "northern harbor" not in landed


@pytest.mark.parametrize(
    "data",
    [
        *("a,b\n1,2\n", "{}", '{"error":{"code":404}}', "", "["),
        '{"request_id":"r","request_created_at":"2026-10-05 10:00:00"}',
        '{"request_id":"r","request_created_at":"soon","response_status":200}',
    ],
)
def test_what_is_no_request_is_refused(data: str) -> None:
    parsed = read(data)
    assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_its_counts_stand_beside_each_other_and_it_is_a_gateway() -> None:
    assert helicone.usage_semantics(Gateway("proxy", "helicone", "/logs", {})) == UsageSemantics(
        input_includes_cache=False, output_includes_reasoning=False, total_includes_cache=False
    )
    assert (GATEWAYS["helicone"].seen_from, GATEWAYS["helicone"].tested_on) == (
        *("gateway", "documented"),
    )
