"""Bifrost's log: what each of its rows is, by hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.gateways.bifrost import reader as bifrost
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "bifrost" / "logs.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
NONE = (None,) * 7
# By the end of the row's id: input, cache read, writes of 5m and 1h, output, total, reasoning;
# status, HTTP status, number and role of the try, Bifrost's cost.
EXPECTED = {
    "1": (120, 0, 0, 0, 30, 150, 0, "success", None, 1, "primary", "0.0015"),
    "2": (12, 20000, 500, 1000, 210, 21722, 0, "success", None, 1, "primary", "0.0123"),
    "3": (100, 0, 0, 0, 900, 1000, 700, "success", None, 1, "primary", "0.0015"),
    "4": (*NONE, "success", None, 3, "primary", None),
    "5": (0, 0, 0, 0, 0, 0, 0, "error", 429, 1, "primary", None),
    "6": (10, 0, 0, 0, 5, 15, 0, "success", None, 1, "fallback", "0.0015"),
    "7": (0, 0, 0, 0, 0, 0, 0, "success", None, 1, "primary", "0.0000002"),
    "7/lookup": (10, 0, 0, 0, 0, 10, 0, "success", None, None, None, None),
    "8": (*NONE, "cancelled", 499, 1, "primary", "0.0015"),
    "9": (12, 20000, 0, 0, 5, 20017, 0, "success", None, 1, "primary", "0.0015"),
}


def read(data: bytes | str, **named: Any) -> Parsed:
    gateway = Gateway("bifrost", "bifrost", "/logs", {}, **named)
    return bifrost.read_object(data.encode() if isinstance(data, str) else data, "l", gateway)


def by_number(parsed: Parsed) -> dict[str, Row]:
    return {row["request_id"][24:].lstrip("0"): row for row in parsed.rows["requests"]}


def said(row: Row) -> tuple[Any, ...]:
    meters = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    others = (
        *("provider_total_tokens", "reasoning_tokens", "status", "http_status", "attempt_no"),
        "attempt_role",
    )
    cost = row["gateway_cost"]
    return (
        *(row[f"{meter}_quantity"] for meter in meters),
        *(row[name] for name in others),
        None if cost is None else f"{cost.normalize():f}",
    )


def test_each_row_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the row that came twice is one by its key; a list of models calls none
    assert (parsed.records, len(parsed.rows["requests"]), parsed.foreign) == (12, 11, 1)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (
        *(11, "prompt_tokens", "2026-10-05"),
    )


def test_an_answer_of_its_api_is_the_same() -> None:
    records = [json.loads(line) for line in LINES[:9]]
    for record in records:
        record["object"] = record.pop("object_type")
        for name in ("prompt_tokens", "completion_tokens", "total_tokens", "cached_read_tokens"):
            del record[name]
        for name in ("token_usage", "metadata", "params", "error_details", "cache_debug"):
            record[name] = json.loads(record[name]) if record[name] else None
    page = {"logs": records, "pagination": {"limit": 50}, "stats": {}, "has_logs": True}
    assert {n: said(row) for n, row in by_number(read(json.dumps(page))).items()} == EXPECTED


def test_who_called_what() -> None:
    named = NamedPlaces(("metadata:feature", "metadata:business_unit_id"), "/none")
    rows = by_number(read(FIXTURE.read_bytes(), named=named))
    row, claude = rows["1"], rows["2"]
    assert (row["gateway_key_id"], row["gateway_key_alias"]) == ("vk-search", "search-prod")
    assert (row["gateway_team"], row["gateway_team_alias"]) == ("team-7", "Atlas")
    assert (row["user_id"], row["customer_id"]) == ("ann", "cust-1")
    # Bifrost's own name of a provider's key is on no bill
    assert (row["deployment_id"], row.get("credential_hint")) == ("key-openai-1", None)
    assert json.loads(row["attributes"]) == {
        "metadata": {"business_unit_id": "bu-2", "feature": "search"}
    }
    assert (claude["model_requested"], claude["model_routed"]) == (
        *("smart", "claude-sonnet-4-5-20250929"),
    )
    assert (row["latency_ms"], row["max_tokens"], claude["stream"]) == (1250.5, 512, True)
    assert (rows["3"]["operation"], rows["6"]["provider"]) == ("responses", "aws")


def test_a_fallback_is_of_the_first_tries_call_and_a_parent_without_one_a_session() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    assert rows["6"]["call_id"] == rows["5"]["request_id"]
    assert (rows["6"]["session_id"], rows["8"]["session_id"]) == (None, "session-9")


def test_a_hit_bills_nothing_but_the_lookup() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    hit, lookup = rows["7"], rows["7/lookup"]
    assert (hit["cache_layer"], lookup["cache_layer"]) == ("semantic", "none")
    assert (lookup["operation"], lookup["model_routed"]) == (
        *("embeddings", "text-embedding-3-small"),
    )
    assert lookup["gateway_key_id"] == hit["gateway_key_id"]
    assert lookup["record_no"] == hit["record_no"]


def test_a_cost_that_the_provider_states_is_one_number() -> None:
    record = json.loads(LINES[0])
    usage = json.loads(record["token_usage"]) | {"cost": {"total_cost": 0.0021, "input_cost": 0.1}}
    [row] = read(json.dumps(record | {"token_usage": usage})).rows["requests"]
    assert json.loads(row["raw_usage"], parse_float=Decimal)["cost"] == Decimal("0.0021")


def test_no_text_of_a_call_lands() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert "amber" not in (str(parsed.rows) + str(parsed.rejects)).lower()


def test_what_is_no_row_is_refused() -> None:
    for data in ("{}", "[1]", '{"id":"a","model":"m"}', "x", '{"timestamp":"2026-10-05"}'):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1
    usage = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 151}
    [reject] = read(json.dumps(json.loads(LINES[0]) | {"token_usage": usage})).rejects
    assert (reject.field, "(151, they make 150)" in reject.reason) == ("total_tokens", True)


def test_it_declares_everything_within_and_sees_what_a_gateway_sees() -> None:
    gateway = Gateway("bifrost", "bifrost", "/logs", {})
    assert bifrost.usage_semantics(gateway) == UsageSemantics()
    assert GATEWAYS["bifrost"].seen_from == "gateway"
