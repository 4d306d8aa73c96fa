"""Cloudflare's AI Gateway: what each log of its API and each event of Logpush is, by hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.gateways.cloudflare import reader as cloudflare
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "cloudflare"
PAGE = json.loads((FIXTURES / "logs.json").read_bytes())
# By the second of its start: input, output, total; status, HTTP status, cost, layer of the cache.
LOGS = {
    1: (100, 25, 125, "success", 200, "0.00003", "none"),
    2: (0, 0, 0, "success", 200, "0.0001194", "gateway_exact"),
    3: (None, None, None, "success", 200, None, "none"),
    4: (0, 0, 0, "error", 500, None, "none"),
    5: (0, 0, 0, "error", 529, None, "none"),
    6: (1200, 300, 1500, "success", 200, "0.0081", "none"),
    9: (40, 0, 40, "success", 200, None, "none"),
    10: (None, None, None, "error", 504, None, "none"),
}
EVENTS = {
    1: (None, None, None, "success", 200, "0.0042", "none"),
    2: (1200, 40, 1240, "success", 200, "0.0042", "none"),
    3: (0, 0, 0, "error", 429, "0", "none"),
    4: (0, 0, 0, "success", 200, "0.0042", "gateway_exact"),
}


def read(data: bytes | str, **named: Any) -> Parsed:
    gateway = Gateway("cf", "cloudflare", "/logs", {}, **named)
    return cloudflare.read_object(data.encode() if isinstance(data, str) else data, "l", gateway)


def said(row: Row) -> tuple[Any, ...]:
    cost = row["gateway_cost"]
    return (
        *(row[name] for name in ("input_quantity", "output_quantity", "provider_total_tokens")),
        *(row["status"], row["http_status"]),
        None if cost is None else f"{cost.normalize():f}",
        row["cache_layer"],
    )


def by_second(parsed: Parsed) -> dict[int, Row]:
    return {row["started_at"].second: row for row in parsed.rows["requests"]}


def test_each_log_of_the_api_is_what_it_says() -> None:
    parsed = read((FIXTURES / "logs.json").read_bytes())
    rows = by_second(parsed)
    assert {second: said(row) for second, row in rows.items()} == LOGS
    # the log that was saved twice is one by its id
    assert (parsed.records, len(parsed.rows["requests"])) == (10, 9)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (7, "tokens_in", "2026-10-05")
    assert (rows[3]["stream"], rows[1]["stream"], rows[9]["operation"]) == (
        *(True, False),
        "embeddings",
    )
    assert (rows[1]["latency_ms"], rows[1]["request_id_made"]) == (824.0, False)


def test_each_event_of_logpush_is_what_it_says() -> None:
    parsed = read((FIXTURES / "events.jsonl").read_bytes())
    rows = by_second(parsed)
    assert {second: said(row) for second, row in rows.items()} == EVENTS
    assert [(reject.record_no, reject.field) for reject in parsed.rejects] == [
        *((5, "Timestamp"), (6, "Metrics.cost")),
    ]
    assert parsed.rejects[0].option == "name `Timestamp` among the fields of the Logpush job"
    # an encrypted event that was pushed twice is one; equal lines without a key may be two
    first, again = parsed.rows["requests"][:2]
    assert first["request_key"] == again["request_key"] and not first["request_id_made"]
    assert rows[2]["request_id_made"] is True
    assert (rows[2]["model_requested"], rows[2]["model_routed"]) == (
        *("cloudflare/auto", "claude-sonnet-4-5"),
    )
    assert "ZGF0YQ" not in str(parsed.rows)


def test_times_in_every_unit_of_logpush() -> None:
    event = json.loads((FIXTURES / "events.jsonl").read_bytes().splitlines()[2])
    for time in (1791194462, 1791194462000, 1791194462000000, 1791194462000000000):
        [row] = read(json.dumps(event | {"Timestamp": time})).rows["requests"]
        assert row["started_at"].isoformat() == "2026-10-05T10:01:02+00:00"
    for time in ("soon", True, [], None):
        assert [each.field for each in read(json.dumps(event | {"Timestamp": time})).rejects] == [
            "Timestamp"
        ]


def test_who_asked_and_who_answered() -> None:
    rows = by_second(read((FIXTURES / "logs.json").read_bytes(), named=named("metadata:*")))
    metadata = {"feature": "answers", "team": "search", "test": False}
    assert json.loads(rows[1]["attributes"]) == {"metadata": metadata}
    assert (rows[1]["deployment_id"], rows[1]["provider"]) == ("openai", "openai")
    assert (rows[6]["deployment_id"], rows[6]["provider"]) == ("aws-bedrock", "aws")
    assert (rows[9]["provider"], rows[4]["provider"]) == ("cloudflare", None)
    # a step of the chain of fallbacks is a log of its own
    assert (rows[5]["attempt_no"], rows[5]["attempt_role"]) == (1, None)
    assert (rows[6]["attempt_no"], rows[6]["attempt_role"]) == (2, "fallback")
    events = by_second(read((FIXTURES / "events.jsonl").read_bytes(), named=named("metadata:*")))
    assert json.loads(events[2]["attributes"])["metadata"] == {
        "gateway": "prod",
        "team": "chat",
        "tier": "pro",
    }
    # what is encrypted is no owner
    assert json.loads(events[1]["attributes"]) == {"metadata": {"gateway": "prod"}}


def test_the_cost_is_the_gateways_and_no_statement_of_a_provider() -> None:
    for file in ("logs.json", "events.jsonl"):
        for row in read((FIXTURES / file).read_bytes()).rows["requests"]:
            assert "cost" not in json.loads(row["raw_usage"])
    rows = by_second(read((FIXTURES / "logs.json").read_bytes()))
    # tokens and a 0 beside them: it has no price of this model
    assert rows[9]["gateway_cost"] is None
    assert rows[1]["gateway_cost"] == Decimal("0.00003")


def test_pages_answers_and_lines_are_the_same_logs() -> None:
    logs = [log for log in PAGE["result"] if log["tokens_in"] != "many"]
    expected = [said(row) for row in read(json.dumps({"result": logs})).rows["requests"]]
    assert len(expected) == 9
    pages = [PAGE | {"result": logs[:4]}, PAGE | {"result": logs[4:]}, PAGE | {"result": []}]
    for data, beside in (
        (json.dumps(logs), 0),
        (json.dumps(pages, indent=1), 1),
        ("\n".join(map(json.dumps, pages)), 1),
        ("\n".join(json.dumps({"result": log, "success": True}) for log in logs), 0),
        (json.dumps(PAGE | {"result": logs}, sort_keys=True, indent=2), 0),
    ):
        parsed = read(data)
        assert [said(row) for row in parsed.rows["requests"]] == expected
        assert (parsed.rejects, parsed.foreign) == ([], beside)


def test_what_is_no_log_is_refused() -> None:
    refused = '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}'
    for data in (refused, "{}", "[1]", '{"id":"a"}', "", "[", '{"result":[],"success":false}'):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_it_sees_a_call_behind_no_other_gateway() -> None:
    gateway = Gateway("cf", "cloudflare", "/logs", {})
    assert cloudflare.usage_semantics(gateway) == UsageSemantics()
    assert GATEWAYS["cloudflare"].seen_from == "gateway"


def named(*places: str) -> NamedPlaces:
    return NamedPlaces(places, "/none")
