"""Spans of OpenTelemetry's conventions, as a collector writes them."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from tests.ingestion.gateways.otel_spans import attributes
from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call

PROVIDERS: Final = {"aws": "aws.bedrock", "azure": "azure.ai.openai", "google": "gcp.vertex_ai"}
SECOND: Final = 1_000_000_000


def lines(calls: Sequence[Call]) -> bytes:
    """A line for each trace."""
    traces = (calls[n : n + 10] for n in range(0, len(calls), 10))
    return "\n".join(json.dumps(_message(trace)) for trace in traces).encode()


def protobuf(calls: Sequence[Call]) -> bytes:
    """One message: protobuf's JSON has ids in base64 where OTLP's has them in hex."""
    message = _message(calls)
    for span in message["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in ("traceId", "spanId"):
            span[name] = b64encode(bytes.fromhex(span[name])).decode()
    return ParseDict(message, TracesData()).SerializeToString()


def _message(calls: Sequence[Call]) -> dict[str, Any]:
    scope = {"scope": {"name": "app"}, "spans": [_span(call) for call in calls]}
    resource = {"attributes": attributes({"service.name": "search-api"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _span(call: Call) -> dict[str, Any]:
    started = int(call.started.timestamp()) * SECOND + call.started.microsecond * 1_000
    return {
        "traceId": call.trace,
        "spanId": f"{call.number + 1:016x}",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": str(started),
        "endTimeUnixNano": str(started + call.latency_ms * 1_000_000),
        "attributes": attributes(_said(call)),
        "status": {"code": 2} if call.ending == REFUSED else {},
    }


def _said(call: Call) -> dict[str, Any]:
    said: dict[str, Any] = {
        "gen_ai.operation.name": call.model.operation,
        "gen_ai.provider.name": PROVIDERS.get(call.provider, call.provider),
        "gen_ai.request.model": call.model.name,
        "gen_ai.request.stream": call.stream,
        "gen_ai.conversation.id": call.session,
        "gen_ai.request.attempt": call.attempt,
        "litellm.call_id": call.call_id,
        "user.id": call.customer,
        "http.response.status_code": call.http_status,
        "feature": call.feature,
        "team": call.team,
    }
    if call.ending == REFUSED:
        return said | {"error.type": "RateLimitError"}
    said |= {"gen_ai.response.model": call.model.name, "gen_ai.response.id": call.response_id}
    if call.tier:
        said["openai.response.service_tier"] = call.tier
    return said if call.ending == UNTOLD else said | _usage(call)


def _usage(call: Call) -> dict[str, int]:
    usage = {
        "gen_ai.usage.input_tokens": call.prompt,
        "gen_ai.usage.output_tokens": call.of("output"),
        "gen_ai.usage.cache_read.input_tokens": call.of("cache_read"),
        "gen_ai.usage.reasoning.output_tokens": call.of("reasoning"),
    }
    if "cache_write_5m" in call.model.meters:
        usage["gen_ai.usage.cache_creation.input_tokens"] = call.writes
    if searches := call.of("web_searches"):
        usage["gen_ai.usage.server_tool_use.web_search_requests"] = searches
    return usage
