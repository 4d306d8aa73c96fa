"""Who made a request of Kong's log: its consumer, its credential, and what else names an owner.

Fields that `custom_fields_by_lua` adds are metadata under their own name.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.spans.values import first_text
from ingestion.reading.attributes import (
    HTTP_HEADERS,
    Evidence,
    attributes,
    flatten,
    plain_headers,
)
from ingestion.reading.tags import split_tags
from ingestion.records import Row

# What Kong itself writes into every entry; who the client is on the network is nobody's business.
OWN: Final = frozenset(
    (
        *("ai", "authenticated_entity", "client_ip", "consumer", "latencies", "request"),
        *("response", "route", "service", "source", "started_at", "tries", "trace_id"),
        *("upstream_status", "upstream_uri", "workspace", "workspace_name"),
    )
)
TAGGED: Final = ("consumer", "route", "service")
NAMED: Final = {
    "consumer": ("id", "username", "custom_id"),
    "route": ("name",),
    "service": ("name",),
}


def caller(entry: Mapping[str, Any]) -> Row:
    name = text_in(entry, "consumer", "username") or text_in(entry, "consumer", "custom_id")
    return {
        "user_id": name or text_in(entry, "consumer", "id"),
        "gateway_key_id": text_in(entry, "authenticated_entity", "id"),
        "gateway_key_alias": name,
    }


def caller_evidence(entry: Mapping[str, Any]) -> Evidence:
    sections = {name: _section(entry, name) for name in TAGGED}
    tags, labels = split_tags(*(section.get("tags") for section in sections.values()))
    known = {
        section: {name: said[name] for name in NAMED[section] if name in said}
        for section, said in sections.items()
    }
    custom = {name: value for name, value in entry.items() if name not in OWN}
    flat = flatten(known, {"workspace": entry.get("workspace_name")}, custom)
    headers = plain_headers(_section(entry, "request").get("headers"))
    told = {name: said for name, said in headers.items() if name not in HTTP_HEADERS}
    return attributes(tags, labels, flat, told)


def text_in(entry: Mapping[str, Any], section: str, name: str) -> str | None:
    return first_text(_section(entry, section), (name,))


def _section(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = entry.get(name)
    return section if isinstance(section, dict) else {}
