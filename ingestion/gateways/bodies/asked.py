"""What the body of a request says of its call, whichever API it was sent to.

Of it models, limits, words of vocabularies and who asked are read, never a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ingestion.gateways.bodies.body import Body, inside, text_in
from ingestion.gateways.spans.values import first_flag
from ingestion.reading.exact_numbers import MOST
from ingestion.reading.usage.service_tiers import served_tier

LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
# A part of the path of an API -> what its calls do; the first that a path has.
PATHS: Final[Mapping[str, str]] = {
    "/chat/completions": "chat",
    "/completions": "completion",
    "/embeddings": "embeddings",
    "embedcontent": "embeddings",
    "/responses": "responses",
    "/images/": "image",
    "/audio/": "audio",
    "/rerank": "rerank",
    "/messages": "chat",
    "generatecontent": "chat",
    "/converse": "chat",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`user` is whom the caller names to the provider, `metadata` what it sends along."""

    model: str | None = None
    max_tokens: int | None = None
    stream: bool | None = None
    tier: str | None = None
    response_format: str | None = None
    user: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def asked_of(body: Body) -> Asked:
    metadata = inside(body, "metadata")
    shape = inside(body, "response_format") or inside(body, "text", "format")
    limits = (body.get(name) for name in LIMITS)
    return Asked(
        model=text_in(body, "model"),
        max_tokens=next((each for each in limits if type(each) is int and 0 < each <= MOST), None),
        stream=first_flag(body, ("stream",)),
        tier=served_tier(text_in(body, "service_tier")),
        response_format=text_in(shape, "type"),
        # Anthropic has it in its metadata
        user=text_in(body, "user", "safety_identifier") or text_in(metadata, "user_id"),
        metadata={name: value for name, value in metadata.items() if name != "user_id"},
    )


def operation_of_path(url: str | None) -> str | None:
    path = (url or "").partition("?")[0].lower()
    return next((operation for part, operation in PATHS.items() if part in path), None)
