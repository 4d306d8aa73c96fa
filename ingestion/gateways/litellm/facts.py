"""Facts that LiteLLM spreads over several places of a record, in the order of their worth."""

from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.litellm.outcome import MANAGEMENT
from ingestion.gateways.litellm.record import (
    CostBreakdown,
    ErrorInformation,
    ModelParameters,
    Record,
    Response,
    Section,
    text,
)
from ingestion.gateways.litellm.usage.usage_object import Usage
from ingestion.reading.usage.service_tiers import FAST, STANDARD, served_tier

OPERATIONS: Final = {
    "completion": "chat",
    "anthropic_messages": "chat",
    "generate_content": "chat",
    "generate_content_stream": "chat",
    "text_completion": "completion",
    "embedding": "embeddings",
    "image_generation": "image",
    "image_edit": "image",
    "image_variation": "image",
    "transcription": "audio",
    "speech": "audio",
    "realtime": "audio",
    "responses": "responses",
    "rerank": "rerank",
}


class _ResponseFormat(Section):
    type: Any = None


_RESPONSE: Final = msgspec.json.Decoder(Response)
_RESPONSE_FORMAT: Final = msgspec.json.Decoder(_ResponseFormat)
_NO_RESPONSE: Final = Response()


def response_facts(literal: Raw) -> Response:
    """Nothing where bodies are not logged, or redacted, or of a shape nobody knows."""
    body = bytes(literal)
    if len(body) <= 2 or not body.startswith(b"{"):
        return _NO_RESPONSE
    try:
        return _RESPONSE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _NO_RESPONSE


def response_format(literal: Raw) -> str | None:
    """The kind of format only: a schema may say what the feature is about."""
    body = bytes(literal)
    if not body.startswith(b"{"):
        return None
    return text(_RESPONSE_FORMAT.decode(body).type)


def operation(call_type: str | None, batch: bool, tokens: int | None) -> str | None:
    """`management`: no model was asked, so that 0 tokens are none and not unknown."""
    if not tokens and MANAGEMENT.fullmatch((call_type or "").lstrip("_")):
        return "management"
    if batch:
        return "batch"
    if call_type is None:
        return None
    # async calls have a leading "a"; some realtime calls an underscore before it
    call = call_type.lstrip("_")
    return OPERATIONS.get(call) or OPERATIONS.get(call.removeprefix("a")) or "other"


def service_tier(
    usage: Usage, response: Response, parameters: ModelParameters, batch: bool
) -> str | None:
    """The tier that the provider says it served; None where it does not say.

    The request's tier is a wish, and so is that of LiteLLM's cost_breakdown, which repeats it.
    """
    if batch or text(usage.service_tier) == "batch":
        return "batch"
    speed = text(usage.speed)
    tier = served_tier(text(usage.service_tier) or text(response.service_tier), speed)
    if tier == STANDARD and speed is None and text(parameters.speed) == FAST:
        return None
    return tier


def service_tier_asked(
    parameters: ModelParameters, cost: CostBreakdown | None, served: str | None
) -> str | None:
    """The tier that was asked for; None where it is known which one was served."""
    if served is not None:
        return None
    asked = text(parameters.service_tier) or (text(cost.service_tier) if cost else None)
    return served_tier(asked, text(parameters.speed))


def provider_request_id(record: Record, error: ErrorInformation) -> str | None:
    headers = record.hidden_params.additional_headers if record.hidden_params else None
    if headers is None:
        return text(error.error_provider_request_id)
    return (
        text(headers.openai_request_id)
        or text(headers.provider_request_id)
        or text(headers.request_id)
        or text(error.error_provider_request_id)
        or text(headers.failed_request_id)
    )


def not_the_alias(name: str | None, group: str | None, routed: str | None) -> str | None:
    """A model's name; NULL where LiteLLM wrote the alias of the request over it."""
    if name is None or name != group:
        return name
    names_routed = routed is not None and (routed == name or routed.endswith(f"/{name}"))
    return name if names_routed else None
