"""Who caused a span: its tags, and what else it and its resource say, as metadata.

What the conventions themselves name (models, usage, prompts, addresses) is no metadata. Every
other attribute is, under its own name (`metadata:app.feature`); a dialect's place for what a
caller adds is taken off its names: `traceloop.association.properties.feature` is
`metadata:feature`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.span import Span
from ingestion.reading.attributes import Evidence, attributes, flatten, plain_headers
from ingestion.reading.tags import TAG_NAMES, split_tags, tag_places

# Attributes that hold tags, a list or a text of one.
TAGS: Final = ("tag.tags", "langfuse.trace.tags", "tags", "metadata.tags", "metadata.labels")
# LiteLLM's callbacks: where callers leave their own, and the headers that they sent.
CALLERS: Final = (
    "metadata.requester_metadata",
    "metadata.spend_logs_metadata",
    "metadata.user_api_key_auth_metadata",
)
HEADERS: Final = "metadata.requester_custom_headers"
TAGS_HEADER: Final = "x-litellm-tags"
# What stands before the names that a caller chose.
PREFIXES: Final = (
    "traceloop.association.properties.",
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
    "ai.telemetry.metadata.",
    "litellm.metadata.",
    "metadata.",
)
# First words of attributes that the conventions and instrumentations fill themselves.
THEIRS: Final = frozenset(
    (
        *("gen_ai", "llm", "ai", "openinference", "input", "output", "embedding", "reranker"),
        *("retrieval", "openai", "anthropic", "aws", "gcp", "azure", "traceloop", "langfuse"),
        *(
            "litellm",
            "langsmith",
            "datadog",
            "pydantic_ai",
            "logfire",
            "http",
            "url",
            "server",
            "client",
            "network",
            "net",
        ),
        *("user_agent", "error", "exception", "telemetry", "otel", "code", "thread", "process"),
        *("host", "os", "db", "rpc", "messaging", "tool", "graph", "document", "operation"),
        *("model_request_parameters", "final_result", "all_messages_events", "hidden_params"),
    )
)

_READ: Final = frozenset((*TAGS, *CALLERS, HEADERS))


def span_evidence(span: Span) -> Evidence:
    callers = [said for name in CALLERS if isinstance(said := held(span.said.get(name)), dict)]
    headers = plain_headers(held(span.said.get(HEADERS)))
    own, standing = dict(_metadata(span.said)), dict(_metadata(span.resource))
    tags, labels = split_tags(
        *(_tags(span.said[name]) for name in TAGS if name in span.said),
        *(place for said in (*callers, own) for place in tag_places(said)),
        headers.get(TAGS_HEADER),
    )
    flat = flatten(*callers, own, standing, leave_out=TAG_NAMES | {"headers"})
    return attributes(tags, labels, flat, headers)


def _tags(value: Any) -> Any:
    """A text that holds no list may be one of tags with commas between them."""
    found = held(value)
    return value if found is None else found


def _metadata(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in said.items():
        if name in _READ:
            continue
        if name.startswith(PREFIXES):
            prefix = next(each for each in PREFIXES if name.startswith(each))
            yield name.removeprefix(prefix), _unquoted(value)
        elif name.partition(".")[0] not in THEIRS:
            yield name, value


def _unquoted(value: Any) -> Any:
    """Langfuse's SDK writes a text as JSON, with its quotes."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value
