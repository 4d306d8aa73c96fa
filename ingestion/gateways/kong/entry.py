"""One entry of Kong's log as rows of the requests contract, one for each call of a model in it.

Kong logs a request once, whatever its balancer tried; its own calls are of the same `call_id`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.access_logs.operations import operation_of
from ingestion.gateways.access_logs.usage import claimed_cost, http_status, outcome
from ingestion.gateways.kong.callers import caller, caller_evidence, text_in
from ingestion.gateways.kong.calls import Call, calls_of
from ingestion.gateways.kong.usage import call_meters, usage_evidence
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_number, first_text
from ingestion.reading.attributes import Evidence, plain_headers
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import after, epoch_instant
from ingestion.reading.providers import canonical_provider
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.records import Row

RANK: Final = 1
EXPECTED: Final = "no entry of Kong's log: expected `request`, `response` and `started_at`"
SECTIONS: Final = ("request", "response", "ai")
UNSPECIFIED: Final = "UNSPECIFIED"
STREAMS: Final = {"stream": True, "streaming": True, "realtime": True, "oneshot": False}
# The id of the request that a provider's API gives its answer, in the headers that Kong passes on.
REQUEST_IDS: Final = ("request-id", "x-amzn-requestid", "apim-request-id")
OPENAI_ID: Final = ("x-request-id", "req_")
HIT: Final = "hit"


def entry_rows(entry: Mapping[str, Any], literal: bytes) -> list[Row]:
    """Raises Unreadable; where its time can be read, with the day."""
    if not any(isinstance(entry.get(section), dict) for section in SECTIONS):
        raise Unreadable(None, EXPECTED)
    calls = calls_of(entry)
    if not calls:
        return []
    time = entry.get("started_at")
    if isinstance(time, bool) or not isinstance(time, int | Decimal):
        reason = "missing" if time is None else "not a time in milliseconds"
        raise Unreadable("started_at", reason, value=shown(time))
    started = epoch_instant(str(time), "started_at", 1000)
    try:
        evidence = caller_evidence(entry)
        return [
            _row(entry, call, literal, started, evidence, number)
            for number, call in enumerate(calls)
        ]
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _row(
    entry: Mapping[str, Any],
    call: Call,
    literal: bytes,
    started: datetime,
    evidence: Evidence,
    number: int,
) -> Row:
    layer = _cache_layer(call)
    hit = layer != "none"
    logged = usage_evidence(call.usage)
    ends = _outcome(entry, nothing_billed() if hit else _meters(call))
    provider = _said(call.meta, "provider_name")
    path = text_in(entry, "request", "uri")
    model = _said(call.meta, "request_model") or _said(call.meta, "response_model")
    return {
        **_identity(entry, call, literal, number),
        **caller(entry),
        **_times(entry, call, started),
        "deployment_id": first_text(call.meta, ("azure_deployment_id", "plugin_id")),
        "provider": canonical_provider(provider),
        "operation": "embeddings" if call.is_embedding else operation_of(path, model),
        "route": text_in(entry, "route", "name") or path,
        "model_requested": model,
        "model_routed": model,
        "model_served": _said(call.meta, "response_model"),
        **ends,
        "tokens_estimated": False,
        "stream": STREAMS.get((first_text(call.meta, ("request_mode",)) or "").lower()),
        "attempt_no": _tries(entry) if call.is_proxied else None,
        "cache_layer": layer,
        "gateway_cost": claimed_cost(first_number(call.usage, ("cost",)), ends),
        "evidence_rank": RANK,
        "raw_usage": with_spared(logged, lambda: _meters(call)) if hit else logged,
        "attributes": evidence,
    }


def _meters(call: Call) -> Row:
    try:
        return call_meters(call.usage)
    except Unreadable as refusal:
        refusal.field = f"{call.place}.usage.{refusal.field}"
        raise


def _said(meta: Mapping[str, Any], name: str) -> str | None:
    word = first_text(meta, (name,))
    return None if word == UNSPECIFIED else word


def _identity(entry: Mapping[str, Any], call: Call, literal: bytes, number: int) -> Row:
    """Of the calls in one entry the first has the request's id. Releases before 3.5 log none."""
    request = text_in(entry, "request", "id")
    made = f"content-{bytes_hash(literal)}"
    own = request and (request if not number else f"{request}/{call.place}")
    row_id = own or (made if not number else f"{made}#{number}")
    return {
        "request_key": f"kong:{row_id}",
        "request_id": row_id,
        "request_id_made": request is None,
        "call_id": request or made,
        "trace_id": text_in(entry, "trace_id", "w3c"),
        "provider_request_id": _provider_request(entry) if _is_answer(call) else None,
    }


def _is_answer(call: Call) -> bool:
    """The headers of the answer are the provider's of this call."""
    return call.is_proxied and _cache_layer(call) == "none"


def _provider_request(entry: Mapping[str, Any]) -> str | None:
    response = entry.get("response")
    headers = plain_headers(response.get("headers") if isinstance(response, dict) else None)
    name, form = OPENAI_ID
    said = first_text(headers, (name,))
    return first_text(headers, REQUEST_IDS) or (said if said and said.startswith(form) else None)


def _times(entry: Mapping[str, Any], call: Call, started: datetime) -> Row:
    latencies = entry.get("latencies")
    whole = latencies.get("request") if isinstance(latencies, dict) else None
    said = {
        "latencies.request": whole if call.is_proxied else None,
        "llm_latency": call.meta.get("llm_latency"),
        "time_to_first_token": call.usage.get("time_to_first_token"),
    }
    taken = first_number(said, ("latencies.request", "llm_latency"))
    first = first_number(said, ("time_to_first_token",))
    known = taken is not None and taken >= 0
    return {
        "started_at": started,
        "ended_at": after(started, taken or Decimal(0), "latencies.request") if known else None,
        "latency_ms": float(taken or 0) if known else None,
        "ttft_ms": float(first) if first is not None and first > 0 else None,
    }


def _outcome(entry: Mapping[str, Any], meters: Row) -> Row:
    """What a plugin refused after the provider had answered was run, and is billed."""
    response = entry.get("response")
    code = http_status(first_count(response if isinstance(response, dict) else {}, ("status",)))
    upstream = first_text(entry, ("upstream_status",)) or ""
    answered = any(status.strip() == "200" for status in upstream.split(","))
    return outcome(code, meters, failed=(code or 200) >= 400, ran=answered)


def _tries(entry: Mapping[str, Any]) -> int | None:
    """What stands is the balancer's last try."""
    tries = entry.get("tries")
    return len(tries) if isinstance(tries, list) and tries else None


def _cache_layer(call: Call) -> str:
    """Kong's cache asks for an embedding where it looks for what is alike."""
    if (first_text(call.cache, ("cache_status",)) or "").lower() != HIT:
        return "none"
    return "semantic" if first_text(call.cache, ("embeddings_model",)) else "gateway_exact"
