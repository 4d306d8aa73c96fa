"""What the body of an answer says of its call, whichever API made it.

OpenAI's chat, Responses and embeddings, Anthropic's, Gemini's and Bedrock's, as they came or as a
gateway put them into OpenAI's form. Of a body ids, models, counts and words of vocabularies are
read, never a text; its usage is read as LiteLLM's reader reads what LiteLLM keeps of it.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.bodies.body import Body, first_in, inside, text_in
from ingestion.gateways.litellm.facts import response_facts, service_tier
from ingestion.gateways.litellm.record import ModelParameters, Record, Response
from ingestion.gateways.litellm.usage.counts import token_meters
from ingestion.gateways.litellm.usage.iterations import rows_of_iterations
from ingestion.gateways.litellm.usage.pieces import tool_calls
from ingestion.gateways.litellm.usage.usage_object import Usage, read_usage
from ingestion.reading.unreadable import misfit
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
USAGES: Final = ("usage", "usageMetadata")
# What of a body counts calls of the provider's own tools.
FACTS: Final = ("output", "service_tier")


@dataclass(frozen=True, slots=True)
class Answer:
    """`id` is the provider's, of the response or else of the request."""

    id: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    tier: str | None = None
    region: str | None = None
    raw_usage: str | None = None
    usage: Usage = field(default_factory=Usage)
    _response: Response = field(default_factory=Response)

    @property
    def tells_usage(self) -> bool:
        return self.usage.is_told or self.usage.total_tokens is not None

    def meters(self, provider: str | None, operation: str | None) -> Row:
        """Raises Unreadable where the counts contradict each other."""
        call = "embedding" if operation == "embeddings" else None
        record = Record(custom_llm_provider=provider, call_type=call)
        tokens = token_meters(self.usage, record, images=operation == "image")
        nothing = None if tokens["provider_total_tokens"] is None else 0
        tools = tool_calls(self.usage, self._response)
        return tokens | {f"{name}_quantity": tools.get(name) or nothing for name in PIECE_METERS}

    def rows(self, row: Row) -> list[Row]:
        """The call's row, and one for each inner call that is billed by itself (decision 35)."""
        has_meters = bool(row["provider_total_tokens"])
        return rows_of_iterations(row, self.usage.iterations) if has_meters else [row]


def answer_of(body: Body) -> Answer:
    """Raises Unreadable where a count of its usage is none."""
    said = next((said for name in USAGES if (said := body.get(name))), None)
    literal = _ENCODER.encode(said) if isinstance(said, dict) else None
    try:
        usage = read_usage(literal)
    except msgspec.ValidationError as error:
        raise misfit(error, "usage") from None
    response = response_facts(Raw(_ENCODER.encode({name: body.get(name) for name in FACTS})))
    choice, candidate = first_in(body, "choices"), first_in(body, "candidates")
    geography = usage.inference_geo
    return Answer(
        id=text_in(body, "id", "responseId", "request_id"),
        model=text_in(body, "model", "modelVersion"),
        finish_reason=text_in(choice, "finish_reason")
        or text_in(candidate, "finishReason")
        or text_in(body, "stop_reason", "stopReason"),
        tier=service_tier(usage, response, ModelParameters(), batch=False),
        region=geography if isinstance(geography, str) and geography != "not_available" else None,
        raw_usage=known_usage(literal),
        usage=usage,
        _response=response,
    )


def error_of(body: Body) -> str | None:
    """The provider's word for what went wrong; a message is a text and is not read."""
    error = inside(body, "error")
    return text_in(error, "type", "status", "code") if error else None


def status_in(body: Body) -> int | None:
    """The HTTP status that Google's errors repeat."""
    code: Any = inside(body, "error").get("code")
    return code if type(code) is int and 400 <= code <= 599 else None
