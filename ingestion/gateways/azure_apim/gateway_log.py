"""Who made a call of the gateway, by its log of all requests: a row of `request_context`.

`join_key` is `apim`, `join_value` the gateway's id of the call, so that the request's key is both.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.span import plain_word
from ingestion.gateways.spans.values import first_text
from ingestion.reading.attributes import Evidence, attributes, plain_headers
from ingestion.reading.records.azure_monitor import started_at
from ingestion.reading.unreadable import Unreadable
from ingestion.records import Row
from ingestion.workspace.named_places import NamedPlaces

JOIN_KEY: Final = "apim"
# What of it may name an owner.
TOLD: Final = (
    *("apimsubscriptionid", "productid", "userid", "apiid", "apirevision", "operationid"),
    *("backendid", "calleripaddress"),
)
# As they were sent, as a policy changed them, and what it answered.
HEADERS: Final = ("requestheaders", "backendrequestheaders", "responseheaders")
KEYS: Final = frozenset(("api-key", "authorization", "ocp-apim-subscription-key", "x-api-key"))
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_JSON: Final = msgspec.json.Decoder()


def call_of(said: Mapping[str, Any]) -> str:
    """The gateway's id of the call as every table has it."""
    call = first_text(said, ("correlationid",))
    if call is None:
        raise Unreadable("correlationId", "missing")
    return plain_word(call)


def caller(said: Mapping[str, Any]) -> Evidence:
    headers: dict[str, Any] = {}
    for name in HEADERS:
        value = held(said.get(name))
        for header, sent in plain_headers(value if isinstance(value, dict) else {}).items():
            if header not in KEYS:
                headers.setdefault(header, sent)
    told = {name: text for name in TOLD if (text := first_text(said, (name,)))}
    return attributes({}, [], told, headers)


def gateway_context(said: Mapping[str, Any], named: NamedPlaces) -> Row:
    clear, unnamed = caller(said).landed(named)
    words = {"kind": "other"} | _JSON.decode(clear)
    if unnamed is not None:
        words["unnamed"] = _JSON.decode(unnamed)
    return {
        "join_key": JOIN_KEY,
        "join_value": call_of(said),
        "occurred_at": started_at(said),
        "attributes": _ENCODER.encode(words).decode(),
    }
