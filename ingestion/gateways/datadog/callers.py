"""Who called, as a span says it: its tags, what a caller put into its metadata, LiteLLM's names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.gateways.spans import names
from ingestion.gateways.spans.evidence import CALLERS, HEADERS

# Where LiteLLM's callback puts the tags of a request.
OF_REQUEST: Final = "request_tag:"
# Keys of tags that Datadog's libraries write of themselves.
THEIRS: Final = re.compile(
    r"(?:_dd\.|ddtrace\.|dd-trace).*|error|error_type|language|source|integration|hostname"
    r"|pod_name|session_id|ml_app"
)
# Keys of LiteLLM's, whose values stand in its metadata as they are, in tags as Datadog allows.
LITELLM: Final = frozenset(("team", "user", "key_alias", "model_group"))
# What an integration copies from the request of a call.
PARAMETERS: Final = re.compile(
    r"temperature|top_[kp]|top_logprobs|n|stop|stop_sequences|seed|user|stream|stream_options|text"
    r"|truncation|finish_reason|stop_reason|service_tier|encoding_format|dimensions|logprobs"
    r"|logit_bias|store|include|background|model_name|model_provider|max_(?:\w+_)?tokens"
    r"|(?:presence|frequency)_penalty|parallel_tool_calls|tool\w*|function\w*|response_format"
    r"|reasoning|reasoning_effort|thinking|modalities|_dd\b.*"
)
HASH: Final = "user_api_key_hash"


def is_litellm(metadata: Mapping[str, Any]) -> bool:
    return HASH in metadata


def tag_values(*places: Any) -> dict[str, str]:
    """Of each key its last value, which is the span's own."""
    pairs = (tag.partition(":") for tag in _tags(*places))
    return {key.strip().lower(): value.strip() for key, _, value in pairs if value.strip()}


def caller_said(
    metadata: Mapping[str, Any], of_post: Any, of_span: Any, tags: Mapping[str, str]
) -> dict[str, Any]:
    if is_litellm(metadata):
        said = dict(_litellm(metadata))
        if isinstance(answer := metadata.get("id"), str):
            said[names.RESPONSE_ID[0]] = answer
        if isinstance(hit := metadata.get("cache_hit"), bool):
            said[names.CACHE_HIT[0]] = hit
    else:
        said = {
            f"metadata.{name}": value
            for name, value in metadata.items()
            if not PARAMETERS.fullmatch(name)
        }
        said["llm.user"] = tags.get("user_id") or metadata.get("user")
    # the first of a key stands: the span's own
    said["tags"] = list(_callers_tags(metadata, *_tags(of_span), *_tags(of_post))) or None
    return said


def _litellm(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What spans are read by (../spans/names.py), of its log's metadata."""
    of_columns = {name for places in names.TEXTS.values() for name in places}
    for name, value in metadata.items():
        if (place := f"metadata.{name}") in of_columns or place in (*CALLERS, HEADERS):
            yield place, value


def _callers_tags(metadata: Mapping[str, Any], *tags: str) -> Iterator[str]:
    of_litellm = is_litellm(metadata)
    for tag in tags:
        key = tag.partition(":")[0].strip().lower()
        if tag.startswith(OF_REQUEST):
            yield tag.removeprefix(OF_REQUEST)
        elif not THEIRS.fullmatch(key) and not (of_litellm and key in LITELLM):
            yield tag


def _tags(*places: Any) -> Iterator[str]:
    for place in places:
        if isinstance(place, list):
            yield from (tag for tag in place if isinstance(tag, str))
