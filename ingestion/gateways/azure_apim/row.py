"""One call of a model through API Management as one row of the requests contract.

Messages are entries of their own, with the same id of the call and without counts; each try of a
client is a call of its own. What the log of all requests says stands in the row where both were
joined, and else reaches it by `request_context`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from ingestion.gateways.azure_apim.gateway_log import JOIN_KEY, call_of, caller
from ingestion.gateways.azure_apim.usage import raw_usage, token_counts, token_meters
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_flag, first_number, first_text
from ingestion.reading.instants import after
from ingestion.reading.providers import provider_of_host
from ingestion.reading.records.azure_monitor import MAY_BE_BILLED, category_of, started_at
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.records import Row

RANK: Final = 1
MODEL: Final = "model"
GATEWAY: Final = "gateway"
OTHER: Final = "other"
MODEL_LOGS: Final = frozenset(("gatewayllmlogs", "apimanagementgatewayllmlog"))
GATEWAY_LOGS: Final = frozenset(("gatewaylogs", "apimanagementgatewaylogs"))
# What only the log of language models has; a joined row has both logs' columns.
COUNTED: Final = frozenset(("prompttokens", "completiontokens", "totaltokens", "modelname"))
EXPECTED: Final = (
    "no record of API Management's logs: expected category `GatewayLlmLogs` or `GatewayLogs`, or a"
    " row of ApiManagementGatewayLlmLog or ApiManagementGatewayLogs"
)
ASKED: Final = ("operationname", "operationid", "url", "backendurl")
OPERATIONS: Final = (("embedding", "embeddings"), ("responses", "responses"), ("image", "image"))


def kind_of(said: Mapping[str, Any]) -> str:
    """Of which log a record is; `other` of another category, or of a message."""
    category = category_of(said)
    if category in MODEL_LOGS or said.keys() & COUNTED:
        return MODEL if _says_a_call(said) else OTHER
    if category in GATEWAY_LOGS or "apimsubscriptionid" in said:
        return GATEWAY
    if category and "correlationid" in said:
        return OTHER
    raise Unreadable(None, EXPECTED)


def model_row(said: Mapping[str, Any]) -> Row:
    """Raises Unreadable; where its time can be read, with the day."""
    started = started_at(said)
    try:
        return _row(said, started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _row(said: Mapping[str, Any], started: datetime) -> Row:
    call = call_of(said)
    answer = first_text(said, ("requestid",))
    deployment, model = first_text(said, ("deploymentname",)), first_text(said, ("modelname",))
    hit = (first_text(said, ("cache",)) or "").lower() == "hit"
    named = model or deployment or ""
    logged = raw_usage(said)
    return {
        "request_key": f"{JOIN_KEY}:{call}",
        "request_id": answer or call,
        "request_id_made": False,
        "call_id": call,
        "provider_request_id": answer,
        "user_id": first_text(said, ("userid",)),
        **_times(said, started),
        "gateway_key_id": first_text(said, ("apimsubscriptionid",)),
        "deployment_id": deployment,
        "provider": provider_of_host(first_text(said, ("backendurl",))) or "azure",
        "route": urlsplit(first_text(said, ("url",)) or "").path or None,
        "operation": _operation(said),
        "model_requested": deployment or model,
        "model_served": model,
        **_outcome(said, nothing_billed() if hit else _meters(said, named)),
        "tokens_estimated": False,
        "stream": first_flag(said, ("isstreamcompletion",)),
        "cache_layer": "gateway_exact" if hit else None,
        "evidence_rank": RANK,
        "raw_usage": with_spared(logged, lambda: _meters(said, named)) if hit else logged,
        "attributes": caller(said),
    }


def _times(said: Mapping[str, Any], started: datetime) -> Row:
    latency = first_number(said, ("totaltime", "durationms"))
    known = latency is not None and latency > 0
    return {
        "started_at": started,
        "ended_at": after(started, latency or Decimal(0), "totalTime") if known else None,
        "latency_ms": float(latency or 0) if known else None,
    }


def _meters(said: Mapping[str, Any], model: str) -> Row:
    return token_meters(token_counts(said), is_claude="claude" in model.lower())


def _outcome(said: Mapping[str, Any], meters: Row) -> Row:
    code = first_count(said, ("responsecode",))
    failed = (code or 200) >= 400 or first_flag(said, ("isrequestsuccess",)) is False
    ran = not failed or code in MAY_BE_BILLED
    if not ran and meters["provider_total_tokens"] is None:
        meters = nothing_billed()
    return {
        **meters,
        "status": "error" if failed else "success",
        "http_status": code if code and 100 <= code <= 599 else None,
        "error_class": first_text(said, ("lasterrorreason",)) if failed else None,
    }


def _operation(said: Mapping[str, Any]) -> str:
    asked = " ".join(filter(None, (first_text(said, (name,)) for name in ASKED))).lower()
    return next((operation for word, operation in OPERATIONS if word in asked), "chat")


def _says_a_call(said: Mapping[str, Any]) -> bool:
    """An entry of messages names no model and counts nothing."""
    counts = (said.get(name) for name in COUNTED if name.endswith("tokens"))
    return first_text(said, ("modelname", "deploymentname")) is not None or any(
        count not in (None, "", 0, "0") for count in counts
    )
