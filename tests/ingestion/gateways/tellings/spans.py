"""Spans as a collector writes them, in the names of three dialects: OpenTelemetry's conventions,
OpenLLMetry, OpenInference.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from tests.ingestion.gateways.otel_spans import attributes
from tests.ingestion.gateways.tellings.answers import openai_answer
from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call

PROVIDERS: Final = {"aws": "aws.bedrock", "azure": "azure.ai.openai", "google": "gcp.vertex_ai"}
ERROR: Final = "Error code: 429 - too many requests"
SECOND: Final = 1_000_000_000
Said = Callable[[Call], Mapping[str, Any]]


def lines(calls: Sequence[Call], said: Said | None = None, software: str = "otel") -> bytes:
    """A line for each ten calls, which are of one trace."""
    ten = (calls[n : n + 10] for n in range(0, len(calls), 10))
    messages = (_message(trace, said or _said, software) for trace in ten)
    return "\n".join(map(json.dumps, messages)).encode()


def protobuf(calls: Sequence[Call]) -> bytes:
    """One message: protobuf's JSON has ids in base64 where OTLP's has them in hex."""
    message = _message(calls, _said)
    for span in message["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in ("traceId", "spanId"):
            span[name] = b64encode(bytes.fromhex(span[name])).decode()
    return ParseDict(message, TracesData()).SerializeToString()


def _message(calls: Sequence[Call], said: Said, software: str = "otel") -> dict[str, Any]:
    told = [_span(call, said(call), software) for call in calls]
    scope = {"scope": {"name": "app"}, "spans": told}
    resource = {"attributes": attributes({"service.name": "search-api"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _span(call: Call, said: Mapping[str, Any], software: str) -> dict[str, Any]:
    started = int(call.started.timestamp()) * SECOND + call.started.microsecond * 1_000
    return {
        "traceId": call.trace,
        "spanId": call.span_id(software),
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": str(started),
        "endTimeUnixNano": str(started + call.latency_ms * 1_000_000),
        "attributes": attributes(dict(said)),
        "status": {"code": 2, "message": ERROR} if call.ending == REFUSED else {},
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


def _openllmetry_said(call: Call) -> dict[str, Any]:
    """Its own names for what the conventions had none, and what a caller associates."""
    around = {"feature": call.feature, "team": call.team}
    around |= {"user_id": call.customer, "session_id": call.session}
    said: dict[str, Any] = {
        "gen_ai.operation.name": call.model.operation,
        "gen_ai.provider.name": PROVIDERS.get(call.provider, call.provider),
        "gen_ai.request.model": call.model.name,
        "gen_ai.is_streaming": call.stream,
        **{f"traceloop.association.properties.{name}": value for name, value in around.items()},
    }
    if call.ending == REFUSED:
        return said | {"error.type": "RateLimitError"}
    said |= {"gen_ai.response.model": call.model.name, "gen_ai.response.id": call.response_id}
    if call.tier:
        said["openai.response.service_tier"] = call.tier
    if call.ending == UNTOLD:
        return said
    said |= {
        "gen_ai.usage.input_tokens": call.prompt,
        "gen_ai.usage.output_tokens": call.of("output"),
        "gen_ai.usage.total_tokens": call.prompt + call.of("output"),
        "gen_ai.usage.cache_read.input_tokens": call.of("cache_read"),
        "gen_ai.usage.reasoning_tokens": call.of("reasoning"),
    }
    return said | ({"gen_ai.usage.cache_creation.input_tokens": call.writes} if call.writes else {})


def openinference_said(call: Call) -> dict[str, Any]:
    """Of what was answered it has the body, of its counts what the conventions name."""
    chat = call.model.operation == "chat"
    said: dict[str, Any] = {
        "openinference.span.kind": "LLM" if chat else "EMBEDDING",
        "llm.provider" if chat else "llm.system": call.provider,
        "llm.model_name" if chat else "embedding.model_name": call.model.name,
        "llm.invocation_parameters": json.dumps({"stream": True} if call.stream else {}),
        "session.id": call.session,
        "user.id": call.customer,
        "metadata": json.dumps(_metadata(call)),
    }
    if call.ending == REFUSED:
        return said
    if chat:
        said["output.value"] = json.dumps(_body(call))
    if call.ending == UNTOLD:
        return said
    said |= {
        "llm.token_count.prompt": call.prompt,
        "llm.token_count.total": call.prompt + call.of("output"),
    }
    if not chat:
        return said
    return said | {
        "llm.token_count.completion": call.of("output"),
        "llm.token_count.prompt_details.cache_read": call.of("cache_read"),
        "llm.token_count.prompt_details.cache_write": call.writes,
        "llm.token_count.completion_details.reasoning": call.of("reasoning"),
    }


def _metadata(call: Call) -> dict[str, Any]:
    """A caller's, beside which its instrumentation of Anthropic puts the count of their tools."""
    searches = {"web_search_requests": call.of("web_searches")}
    own = {"server_tool_use": searches} if call.of("web_searches") else {}
    return {"feature": call.feature, "team": call.team, **own}


def _body(call: Call) -> dict[str, Any]:
    """The answer as each provider's client has it."""
    if call.provider == "aws":
        return {"stopReason": "end_turn"}
    if call.provider == "google":
        return {"responseId": call.response_id, "modelVersion": call.model.name}
    return openai_answer(call, {})


openllmetry = partial(lines, said=_openllmetry_said, software="openllmetry")
openinference = partial(lines, said=openinference_said, software="openinference")
