"""Who caused a span: its tags, and what else it and its resource say, as metadata.

What the conventions themselves name (models, usage, prompts, addresses) is no metadata. Every
other attribute is, under its own name (`metadata:app.feature`); a dialect's place for what a
caller adds is taken off its names: `traceloop.association.properties.feature` is
`metadata:feature`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.gateways.spans.span import Span
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.tags import TAG_NAMES, json_value, split_tags, tag_places

# Attributes that hold tags, a list or a text of one.
TAGS: Final = ("tag.tags", "langfuse.trace.tags", "tags", "litellm.request_tags")
# Attributes that hold an object, or JSON of one.
OBJECTS: Final = (
    *("metadata", "metadata.requester_metadata", "litellm.metadata.requester_metadata"),
    *("metadata.spend_logs_metadata", "metadata.user_api_key_auth_metadata"),
)
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
        *("litellm", "pydantic_ai", "logfire", "http", "url", "server", "client", "network", "net"),
        *("user_agent", "error", "exception", "telemetry", "otel", "code", "thread", "process"),
        *("host", "os", "db", "rpc", "messaging", "tool", "graph", "document", "operation"),
        *("model_request_parameters", "final_result", "all_messages_events", "hidden_params"),
    )
)
# Lists as Python prints them, which some exports write.
_PYTHON_LIST: Final = re.compile(r"\[\s*(?:'[^'\\]*'\s*,?\s*)+\]")
_PYTHON_TEXT: Final = re.compile(r"'([^'\\]*)'")
LONGEST_LIST: Final = 4096


def span_evidence(span: Span) -> Evidence:
    objects = [_object(span.said.get(name)) for name in OBJECTS]
    tags, labels = split_tags(
        *(_listed(span.said.get(name)) for name in TAGS),
        *(place for said in objects for place in tag_places(said)),
    )
    own = dict(_metadata(span.said))
    standing = dict(_metadata(span.resource))
    return attributes(tags, labels, flatten(*objects, own, standing, leave_out=TAG_NAMES), {})


def _metadata(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in said.items():
        prefix = next((each for each in PREFIXES if name.startswith(each)), None)
        if prefix is not None:
            if name not in OBJECTS:
                yield name.removeprefix(prefix), _unquoted(value)
        elif name.partition(".")[0] not in THEIRS and name not in (*TAGS, *OBJECTS):
            yield name, value


def _unquoted(value: Any) -> Any:
    """Langfuse's SDK writes a text as JSON, with its quotes."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _object(value: Any) -> Any:
    return json_value(value) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    if isinstance(value, str) and len(value) <= LONGEST_LIST and _PYTHON_LIST.fullmatch(value):
        return _PYTHON_TEXT.findall(value)
    return value
