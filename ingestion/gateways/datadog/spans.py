"""One span of Datadog's LLM Observability, as it is posted (`meta`) or exported (flat).

`start_ns` are nanoseconds, and milliseconds in some exports. `trace_id` of LiteLLM's callback is
its session.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from ingestion.gateways.datadog.callers import caller_said, is_litellm, tag_values
from ingestion.gateways.datadog.metrics import first_token, metrics_said
from ingestion.gateways.datadog.posts import Around
from ingestion.gateways.spans import names
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_number, first_text
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import LONGEST, epoch_instant, nanosecond_instant
from ingestion.reading.unreadable import Unreadable, misfit, shown

JOIN_KEY: Final = "datadog"
EXPECTED: Final = "no span of Datadog: expected `span_id`, `trace_id` and `start_ns`"
# How a span says that none is around it.
ROOTS: Final = ("", "0", "undefined")
# A count of milliseconds that reaches it is of the year 5138, one of nanoseconds of 1970.
MILLISECONDS: Final = 10**14
# Who bills what an integration calls, whoever made the model.
INTEGRATIONS: Final = {"bedrock": "aws.bedrock", "vertexai": "gcp.vertex_ai"}
LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_SPAN: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def datadog_span(literal: bytes, around: Around) -> Span:
    """Raises Unreadable; where its start can be read, with the day."""
    try:
        said = _SPAN.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    except RecursionError:
        raise Unreadable(None, "nested too deeply") from None
    if "span_id" not in said and "start_ns" not in said:
        raise Unreadable(None, EXPECTED)
    started = _started(said.get("start_ns"))
    try:
        return _span(said, around, started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _span(said: Mapping[str, Any], around: Around, started: datetime) -> Span:
    body = meta if isinstance(meta := said.get("meta"), dict) else said
    metadata = _object(body, "metadata")
    tags = tag_values(around.tags, said.get("tags"))
    error = _object(body, "error")
    error_type = _text(error.get("type")) or tags.get("error_type")
    failed = said.get("status") == "error"
    parent = _text(said.get("parent_id")) or ""
    return Span(
        trace_id=_id(said, "trace_id"),
        span_id=_id(said, "span_id"),
        parent_id=None if parent in ROOTS else parent,
        name=_text(said.get("name")) or "",
        scope="",
        started=started,
        ended=_ended(said, started),
        is_error=failed,
        error_type=error_type if failed else None,
        error_text=text if isinstance(text := error.get("message"), str) else "",
        said=_attributes(said, body, metadata, tags, around),
        resource=_resource(said, around, tags),
        join_key=JOIN_KEY,
    )


def _attributes(
    said: Mapping[str, Any],
    body: Mapping[str, Any],
    metadata: Mapping[str, Any],
    tags: Mapping[str, str],
    around: Around,
) -> dict[str, Any]:
    kind = _kind(said, body)
    metrics = _object(said, "metrics")
    stream = metadata.get("stream", metadata.get("is_streamed_request"))
    found = {
        "datadog.span.kind": kind,
        "gen_ai.operation.name": "embeddings" if _embeds(kind, metadata) else None,
        names.PROVIDER[0]: INTEGRATIONS.get(tags.get("integration", ""))
        or _text(body.get("model_provider"))
        or _text(metadata.get("model_provider")),
        names.TEXTS["session_id"][0]: said.get("session_id")
        or tags.get("session_id")
        or around.session
        or (metadata.get("trace_id") if is_litellm(metadata) else None),
        names.TEXTS["finish_reason"][0]: metadata.get("finish_reason"),
        names.MAX_TOKENS[0]: first_text(metadata, LIMITS),
        names.TIER_ASKED[0]: metadata.get("service_tier"),
        names.STREAM[0]: stream,
        names.FIRST_TOKEN_SECONDS[0]: first_token(metrics, stream),
        names.AGENT[0]: _object(body, "agent_attribution").get("pagent_name"),
        **_model(said, body, metadata, tags),
        **caller_said(metadata, around.tags, said.get("tags"), tags),
        **metrics_said(metrics, metadata),
    }
    return {name: value for name, value in found.items() if value is not None}


def _kind(said: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """As ddtrace, the intake's API and the export spell it."""
    kinds = (
        _object(body, "span").get("kind"),
        body.get("kind"),
        body.get("span.kind"),
        said.get("span_kind"),
    )
    return next(filter(None, map(_text, kinds)), None)


def _embeds(kind: str | None, metadata: Mapping[str, Any]) -> bool:
    """LiteLLM's callback says `llm` of every call, and its route."""
    route = metadata.get("user_api_key_request_route")
    return kind == "embedding" or (isinstance(route, str) and route.endswith("/embeddings"))


def _model(
    said: Mapping[str, Any],
    body: Mapping[str, Any],
    metadata: Mapping[str, Any],
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """ddtrace names the model that answered, of what failed the one that was asked for."""
    model = _text(body.get("model_name")) or _text(metadata.get("model_name"))
    if is_litellm(metadata):
        return {names.MODEL_REQUESTED[0]: tags.get("model_group"), names.MODEL_ROUTED[0]: model}
    failed = said.get("status") == "error"
    return {names.MODEL_REQUESTED[1] if failed else names.MODEL_SERVED[0]: model}


def _resource(
    said: Mapping[str, Any], around: Around, tags: Mapping[str, str]
) -> Mapping[str, Any]:
    ml_app = _text(said.get("ml_app")) or tags.get("ml_app") or _text(around.ml_app)
    return {"ml_app": ml_app} if ml_app else {}


def _started(count: Any) -> datetime:
    if type(count) is int and 0 < count < MILLISECONDS:
        return epoch_instant(str(count), "start_ns", 1000)
    return nanosecond_instant(count, "start_ns")


def _ended(said: Mapping[str, Any], started: datetime) -> datetime | None:
    nanoseconds = first_number(said, ("duration",))
    if nanoseconds is None or nanoseconds < 0:
        return None
    microseconds = int(nanoseconds / 1000)
    if microseconds > LONGEST // timedelta(microseconds=1):
        raise Unreadable("duration", f"longer than {LONGEST.days} days: check its unit")
    return started + timedelta(microseconds=microseconds)


def _id(said: Mapping[str, Any], field: str) -> str:
    value = said.get(field)
    if found := _text(value):
        return found
    raise Unreadable(field, "missing" if value in (None, "") else "not an id", value=shown(value))


def _object(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return found if isinstance(found := said.get(name), dict) else {}


def _text(value: Any) -> str | None:
    return first_text({"": value}, ("",))
