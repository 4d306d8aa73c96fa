"""Langfuse's dialect of a span, `langfuse.observation.*`, under the names of ./names.py.

Its SDK, LiteLLM's callback for it, and what it exports (../langfuse) say the same: texts are
JSON, with their quotes; all usage stands in one attribute, which is read by ./langfuse_usage.py.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.parameters import asked
from ingestion.gateways.spans.span import Span
from ingestion.reading.instants import LATEST, text_instant, utc_instant
from ingestion.reading.unreadable import Unreadable

OBSERVATION: Final = "langfuse.observation."
TYPE: Final = f"{OBSERVATION}type"
METADATA: Final = f"{OBSERVATION}metadata."
USAGE: Final = "langfuse.usage"
# Attribute -> where ./names.py looks for it.
SAID: Final = {
    "langfuse.environment": "environment",
    "langfuse.release": "release",
    "langfuse.version": "version",
}
# What LangChain's handler and LiteLLM's callback know beside it.
OTHERS: Final = {
    "ls_provider": "gen_ai.provider.name",
    "finish_reason": "llm.finish_reason",
    "response_id": "gen_ai.response.id",
    "api_base": "gen_ai.openai.api_base",
    "cache_hit": "litellm.cache_hit",
    "litellm_call_id": "litellm.call_id",
}
HEADERS: Final = {
    "llm_provider-request-id": "openai.request.id",
    "x-litellm-model-group": "litellm.model_group",
}
OWN: Final = frozenset(("usage_object", "hidden_params"))
# The word of LiteLLM's callback where nobody named a trace.
UNNAMED: Final = "litellm-"
# `litellm.RateLimitError: RateLimitError: …`
ERROR: Final = re.compile(r"(?:\w+\.)*(\w{1,40}(?:Error|Exception|Timeout))\b\s*:")


def read_langfuse(span: Span) -> None:
    """A span of Langfuse as any other; one of another dialect stays as it is."""
    if TYPE not in span.said:
        return
    said = span.said
    metadata = {
        name.removeprefix(METADATA): unquoted(value)
        for name, value in said.items()
        if name.startswith(METADATA)
    }
    others = {name: value for name, value in said.items() if not name.startswith(METADATA)}
    if str(unquoted(said.get(f"{OBSERVATION}level"))).upper() == "ERROR":
        _read_error(span)
    read = dict(_read(span, metadata))
    callers = {f"metadata.{name}": value for name, value in _callers(metadata)}
    span.said = callers | others | read


def _callers(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What callers of LiteLLM leave for its spend logs, out of what they sent; without its own."""
    sent = held(metadata.get("requester_metadata"))
    if isinstance(sent, dict) and isinstance(sent.get("spend_logs_metadata"), dict):
        yield "spend_logs_metadata", sent["spend_logs_metadata"]
    yield from ((name, value) for name, value in metadata.items() if name not in OWN)


def unquoted(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _read(span: Span, metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    said = span.said
    for name, place in SAID.items():
        if name in said:
            yield place, unquoted(said[name])
    for name, place in OTHERS.items():
        if metadata.get(name) not in (None, "", "None"):
            yield place, metadata[name]
    workflow = unquoted(said.get("langfuse.trace.name"))
    if isinstance(workflow, str) and not workflow.startswith(UNNAMED):
        yield "gen_ai.workflow.name", workflow
    yield from _model(said, metadata)
    yield from asked(held(said.get(f"{OBSERVATION}model.parameters")))
    yield from _usage(said, metadata)
    yield from _first_token(span)


def _model(said: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    of_litellm = "litellm_call_id" in metadata
    if (model := said.get(f"{OBSERVATION}model.name")) is not None:
        yield "llm.model_name" if of_litellm else "gen_ai.request.model", model
    hidden = held(metadata.get("hidden_params"))
    headers = hidden.get("additional_headers") if isinstance(hidden, dict) else None
    for name, place in HEADERS.items():
        if isinstance(headers, dict) and isinstance(headers.get(name), str):
            yield place, headers[name]


def _usage(said: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """LiteLLM's own counts go first: of what it sends as usage, cache writes stand twice."""
    usage = held(said.get(f"{OBSERVATION}usage_details"))
    counted = held(metadata.get("usage_object"))
    if isinstance(counted, dict) and counted:
        usage = counted
        if isinstance(tier := counted.get("service_tier"), str):
            yield "anthropic.response.service_tier", tier
    if isinstance(usage, dict) and usage:
        yield USAGE, usage
    costs = held(said.get(f"{OBSERVATION}cost_details"))
    if isinstance(costs, dict) and costs.get("total") is not None:
        yield "llm.cost.total", costs["total"]


def _first_token(span: Span) -> Iterator[tuple[str, Any]]:
    """An end is no first token: of what is not streamed LiteLLM's callback says it so."""
    first = unquoted(span.said.get(f"{OBSERVATION}completion_start_time"))
    try:
        if isinstance(first, str):
            first = text_instant(first, "completion_start_time")
        elif isinstance(first, datetime):
            first = utc_instant(first, "completion_start_time")
    except Unreadable:
        return
    if isinstance(first, datetime) and span.started <= first < (span.ended or LATEST):
        yield "gen_ai.response.time_to_first_chunk", (first - span.started).total_seconds()


def _read_error(span: Span) -> None:
    text = unquoted(span.said.get(f"{OBSERVATION}status_message"))
    span.is_error = True
    if isinstance(text, str):
        span.error_text = span.error_text or text
        if span.error_type is None and (found := ERROR.match(text)):
            span.error_type = found[1]
