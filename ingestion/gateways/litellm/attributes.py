"""Where callers of LiteLLM leave who they are: every place of tags, metadata and headers.

Of places that name one key the first wins: what LiteLLM itself took for the request's tags, then
the caller's metadata, the body of the request, its headers, and last what was said once for the
caller's key and the key's team.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.litellm.record import NOTHING, Metadata, Record, Section, text
from ingestion.reading.attributes import (
    HTTP_HEADERS,
    Evidence,
    attributes,
    flatten,
    plain_headers,
)
from ingestion.reading.tags import json_value, split_tags, tag_places

TAGS_HEADER: Final = "x-litellm-tags"
METADATA_HEADER: Final = "x-litellm-spend-logs-metadata"
# `tags` are no metadata, and the others are places of their own
NOT_ATTRIBUTES: Final = frozenset(("headers", "tags", "spend_logs_metadata"))


class _Body(Section):
    tags: Any = None
    metadata: Any = None
    litellm_metadata: Any = None


class _ProxyRequest(_Body):
    """As the proxy got it; SpendLogs has the body alone."""

    headers: Any = None
    body: Raw = NOTHING


# Said of a request: of the record by its place in it, where a place is one.
_PLACES: Final = (
    *("request_tags", "metadata.tags", "proxy_server_request", "metadata.proxy_server_request"),
    *("metadata.requester_metadata", "metadata.requester_custom_headers"),
    *("metadata.spend_logs_metadata", "metadata.user_api_key_auth_metadata"),
    *("metadata.user_api_key_metadata", "metadata.user_api_key_team_metadata"),
)
MOST_BYTES: Final = 4096  # of what one request says, to be remembered
MOST_KNOWN: Final = 4096
# It stands in no JSON.
BETWEEN: Final = b"\0"
# With its prompt_version.
Words = tuple[Evidence, str | None]
_KNOWN: Final[dict[bytes, Words]] = {}

_ANY: Final = msgspec.json.Decoder(Any)
_BODY: Final = msgspec.json.Decoder(_Body)
_PROXY_REQUEST: Final = msgspec.json.Decoder(_ProxyRequest)
_TEXT: Final = msgspec.json.Decoder(str)


def litellm_attributes(record: Record, metadata: Metadata) -> Evidence:
    return words_of_caller(record, metadata)[0]


def words_of_caller(record: Record, metadata: Metadata) -> Words:
    """Requests of one caller often say the same, so that what was said is read once."""
    said = (
        *(record.request_tags, metadata.tags),
        *(record.proxy_server_request, metadata.proxy_server_request),
        *(metadata.requester_metadata, metadata.requester_custom_headers),
        *(metadata.spend_logs_metadata, metadata.user_api_key_auth_metadata),
        *(metadata.user_api_key_metadata, metadata.user_api_key_team_metadata),
    )
    key = BETWEEN.join(said)
    words = _KNOWN.get(key)
    if words is None:
        words = _evidence(*map(bytes, said)), prompt_version(metadata)
        if len(key) <= MOST_BYTES and key.count(BETWEEN) == len(said) - 1:
            if len(_KNOWN) >= MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[key] = words
    return words


def prompt_version(metadata: Metadata) -> str | None:
    literal = bytes(metadata.requester_metadata)
    # a name may be written with escapes
    if b"prompt_version" not in literal and b"\\" not in literal:
        return None
    requester = _said(literal, "metadata.requester_metadata")
    return text(requester.get("prompt_version")) if isinstance(requester, dict) else None


def _evidence(*literals: bytes) -> Evidence:
    logged_tags, tags, logged_request, request_literal, *rest = literals
    request = _decoded(_PROXY_REQUEST, logged_request) or _decoded(_PROXY_REQUEST, request_literal)
    requester, custom_headers, spend_logs, *callers_keys = (
        _said(literal, place) for literal, place in zip(rest, _PLACES[4:], strict=True)
    )
    headers = _headers(custom_headers, requester, request)
    bodies = list(_bodies(request))
    callers = [
        _object(requester),
        _object(spend_logs),
        *_spend_logs_metadata(requester, headers),
        *(_object(said) for body in bodies for said in (body.metadata, body.litellm_metadata)),
    ]
    standing = [_object(said) for said in callers_keys]
    split, labels = split_tags(
        *(_said(logged_tags, _PLACES[0]), _said(tags, _PLACES[1])),
        *(place for said in callers for place in tag_places(said)),
        *(body.tags for body in bodies),
        headers.get(TAGS_HEADER),
        *(place for said in standing for place in tag_places(said)),
    )
    flat = flatten(*callers, *standing, leave_out=NOT_ATTRIBUTES)
    return attributes(split, labels, flat, plain_headers(headers))


def _said(literal: bytes, place: str) -> Any:
    """A part of a record; it is wrong where it would be wrong as a part."""
    if literal == b"null":
        return None
    try:
        return _ANY.decode(literal)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(str(error).replace("`$", f"`$.{place}", 1)) from None


def _headers(custom: Any, requester: Any, request: _ProxyRequest | None) -> dict[str, Any]:
    """By lower-case name; LiteLLM's own list of the caller's headers goes first."""
    found: dict[str, Any] = {}
    for headers in (custom, _object(requester).get("headers"), request and request.headers):
        for name, value in _object(headers).items():
            if name.lower() not in HTTP_HEADERS:
                found.setdefault(name.lower(), value)
    return found


def _spend_logs_metadata(requester: Any, headers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where the record's own field for it is empty."""
    yield _object(_object(requester).get("spend_logs_metadata"))
    yield _object(headers.get(METADATA_HEADER))


def _bodies(request: _ProxyRequest | None) -> Iterator[_Body]:
    if request is None:
        return
    yield request
    if body := _decoded(_BODY, bytes(request.body)):
        yield body


def _object(value: Any) -> dict[str, Any]:
    """An object, also one that stands as JSON in a text."""
    held = json_value(value) if isinstance(value, str) else value
    return held if isinstance(held, dict) else {}


def _decoded(decoder: msgspec.json.Decoder, raw: bytes) -> Any:
    """None for what is no object, also one in a text: of a shape nobody knows, it says nothing."""
    try:
        raw = _TEXT.decode(raw).encode() if raw.startswith(b'"') else raw
        return decoder.decode(raw) if raw.startswith(b"{") else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
