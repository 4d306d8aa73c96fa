"""Where callers of LiteLLM leave who they are: every place of tags, metadata and headers.

Of places that name one key the first wins: what LiteLLM itself took for the request's tags, then
the caller's metadata, the body of the request, its headers, and last what was said once for the
caller's key and the key's team.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.litellm.record import NOTHING, Metadata, Record, Section
from ingestion.reading.attributes import Evidence, attributes, flatten, plain_headers
from ingestion.reading.tags import json_value, split_tags, tag_places

TAGS_HEADER: Final = "x-litellm-tags"
METADATA_HEADER: Final = "x-litellm-spend-logs-metadata"
# `tags` are no metadata, and the others are places of their own
NOT_ATTRIBUTES: Final = frozenset(("headers", "tags", "spend_logs_metadata"))
# What every HTTP client sends by itself.
HTTP_HEADERS: Final = frozenset(
    (
        *("accept", "accept-encoding", "accept-language", "connection", "content-length"),
        *("content-type", "host", "user-agent", "traceparent", "tracestate"),
    )
)


class _Body(Section):
    tags: Any = None
    metadata: Any = None
    litellm_metadata: Any = None


class _ProxyRequest(_Body):
    """As the proxy got it; SpendLogs has the body alone."""

    headers: Any = None
    body: Raw = NOTHING


_BODY: Final = msgspec.json.Decoder(_Body)
_PROXY_REQUEST: Final = msgspec.json.Decoder(_ProxyRequest)
_TEXT: Final = msgspec.json.Decoder(str)


def litellm_attributes(record: Record, metadata: Metadata) -> Evidence:
    request = _decoded(_PROXY_REQUEST, record.proxy_server_request) or _decoded(
        _PROXY_REQUEST, metadata.proxy_server_request
    )
    headers = _headers(metadata, request)
    bodies = list(_bodies(request))
    callers = [
        _object(metadata.requester_metadata),
        _object(metadata.spend_logs_metadata),
        *_spend_logs_metadata(metadata, headers),
        *(_object(said) for body in bodies for said in (body.metadata, body.litellm_metadata)),
    ]
    standing = [
        _object(said)
        for said in (
            metadata.user_api_key_auth_metadata,
            metadata.user_api_key_metadata,
            metadata.user_api_key_team_metadata,
        )
    ]
    tags, labels = split_tags(
        *(record.request_tags, metadata.tags),
        *(place for said in callers for place in tag_places(said)),
        *(body.tags for body in bodies),
        headers.get(TAGS_HEADER),
        *(place for said in standing for place in tag_places(said)),
    )
    flat = flatten(*callers, *standing, leave_out=NOT_ATTRIBUTES)
    return attributes(tags, labels, flat, plain_headers(headers))


def _headers(metadata: Metadata, request: _ProxyRequest | None) -> dict[str, Any]:
    """By lower-case name; LiteLLM's own list of the caller's headers goes first."""
    said = _object(metadata.requester_metadata)
    found: dict[str, Any] = {}
    places = (metadata.requester_custom_headers, said.get("headers"), request and request.headers)
    for headers in places:
        for name, value in _object(headers).items():
            if name.lower() not in HTTP_HEADERS:
                found.setdefault(name.lower(), value)
    return found


def _spend_logs_metadata(metadata: Metadata, headers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where the record's own field for it is empty."""
    yield _object(_object(metadata.requester_metadata).get("spend_logs_metadata"))
    yield _object(headers.get(METADATA_HEADER))


def _bodies(request: _ProxyRequest | None) -> Iterator[_Body]:
    if request is None:
        return
    yield request
    if body := _decoded(_BODY, request.body):
        yield body


def _object(value: Any) -> dict[str, Any]:
    """An object, also one that stands as JSON in a text."""
    held = json_value(value) if isinstance(value, str) else value
    return held if isinstance(held, dict) else {}


def _decoded(decoder: msgspec.json.Decoder, literal: Raw) -> Any:
    """None for what is no object, also one in a text: of a shape nobody knows, it says nothing."""
    try:
        raw = bytes(literal)
        raw = _TEXT.decode(raw).encode() if raw.startswith(b'"') else raw
        return decoder.decode(raw) if raw.startswith(b"{") else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
