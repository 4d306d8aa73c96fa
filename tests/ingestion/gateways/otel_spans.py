"""Spans as collectors write them, by hand, and reading them."""

import json
from typing import Any

from ingestion.gateways.otel import reader as otel
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

TRACE = "5b8efff798038103d269b633813fc60c"
START = 1_777_629_600_000_000_000  # 2026-05-01 10:00:00 UTC
# A call as the GenAI conventions tell it.
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 3210,
    "gen_ai.usage.output_tokens": 188,
}


def value(said: Any) -> dict[str, Any]:
    """As OTLP/JSON wraps it: whole numbers as texts."""
    if isinstance(said, bool):
        return {"boolValue": said}
    if isinstance(said, int):
        return {"intValue": str(said)}
    if isinstance(said, float):
        return {"doubleValue": said}
    if isinstance(said, list):
        return {"arrayValue": {"values": [value(each) for each in said]}}
    return {"stringValue": said}


def attributes(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(each)} for key, each in said.items()]


def span(
    said: dict[str, Any], number: int = 1, parent: int | None = None, **fields: Any
) -> dict[str, Any]:
    """`number` is its id and the second in which it starts; it takes 1,150 ms."""
    start = START + (number - 1) * 1_000_000_000
    made = {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "name": "a span",
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 1_150_000_000),
        "attributes": attributes(said),
        "status": {},
    }
    if parent is not None:
        made["parentSpanId"] = f"{parent:016x}"
    return made | fields


def without(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: each for name, each in said.items() if name not in names}


def line(*spans: dict[str, Any], scope: str = "app", resource: dict[str, Any] | None = None) -> str:
    of_scope = {"scope": {"name": scope}, "spans": list(spans)}
    said = resource if resource is not None else {"service.name": "search-api"}
    return json.dumps(
        {
            "resourceSpans": [
                {"resource": {"attributes": attributes(said)}, "scopeSpans": [of_scope]}
            ]
        }
    )


def read(*lines: str | bytes, **options: Any) -> Parsed:
    data = b"\n".join(each.encode() if isinstance(each, str) else each for each in lines)
    return otel.read_object(data, "traces.json", Gateway("traces", "otel", "/logs", options))


def rows(*lines: str | bytes, **options: Any) -> list[Row]:
    parsed = read(*lines, **options)
    assert parsed.rejects == []
    return parsed.rows["requests"]


def one(said: dict[str, Any], scope: str = "app", **fields: Any) -> Row:
    """The row of a span that says this."""
    (row,) = rows(line(span(said, **fields), scope=scope))
    return row


def contexts(parsed: Parsed) -> list[Row]:
    found = [row for table in parsed.context for row in table.to_pylist()]
    return [row | {"attributes": json.loads(row["attributes"])} for row in found]
