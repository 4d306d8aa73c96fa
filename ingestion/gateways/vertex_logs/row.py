"""One row of Vertex AI's request-response log as one row of the requests contract.

`logging_time` is when the answer had been logged: a call starts when its answer says
(`create_time`), else as much earlier as it took (`request_latency`).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_number, first_text
from ingestion.gateways.vertex_logs.said import inner, last, opened, parts_of
from ingestion.gateways.vertex_logs.usage import raw_usage, token_meters, usage_of
from ingestion.reading.attributes import attributes
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import after, text_instant, utc_instant
from ingestion.reading.tags import split_tags
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.records import Row

RANK: Final = 1
EXPECTED: Final = (
    "no row of Vertex AI's request-response log: expected `logging_time` and `model` or `endpoint`"
)
# As BigQuery writes a time: `2026-10-05 10:00:01.248000 UTC`.
ZONE: Final = re.compile(r"\s*(?:UTC|Z)$")
PLACE: Final = re.compile(r"(?:^|/)projects/(?P<project>[^/]+)/locations/(?P<region>[^/]+)")
# Such a call may have run: what it used is not known to be nothing.
MAY_HAVE_RUN: Final = frozenset((499, 504))
KINDS: Final = ((re.compile(r"embed", re.IGNORECASE), "embeddings"),)


def logged_row(record: Mapping[str, Any], literal: bytes) -> Row:
    """Raises Unreadable; where its time can be read, with the day."""
    logged = record.get("logging_time")
    model = first_text(record, ("model", "endpoint"))
    if logged is None or model is None:
        raise Unreadable(None, EXPECTED)
    at = _instant(logged, "logging_time")
    try:
        return _row(record, model, at, literal)
    except Unreadable as refusal:
        refusal.day = at.date()
        raise


def _row(record: Mapping[str, Any], model: str, logged: datetime, literal: bytes) -> Row:
    asked, metadata = opened(record.get("full_request")), opened(record.get("metadata"))
    parts = parts_of(opened(record.get("full_response")))
    usage, is_gemini = usage_of(parts)
    request = _request_id(record)
    made = request or f"content-{bytes_hash(literal)}"
    answer = _text(last(parts, "responseid")) or _text(last(parts, "id"))
    labels, bare = split_tags(inner(asked, "labels"))
    return {
        "request_key": f"vertex:{made}",
        "request_id": answer or made,
        "request_id_made": answer is None and request is None,
        "provider_request_id": answer or request,
        **_times(metadata, parts, logged),
        **_place(record, asked),
        "provider": "google",
        "operation": next((kind for named, kind in KINDS if named.search(model)), "chat"),
        "model_requested": model,
        "model_routed": model,
        "model_served": _text(last(parts, "modelversion")) or _text(last(parts, "model")),
        **_outcome(usage, is_gemini, parts),
        "tokens_estimated": False,
        "service_tier": served_tier(
            _text(inner(usage, "traffictype")) or _text(inner(usage, "servicetier"))
        ),
        "stream": "stream" in (first_text(record, ("api_method",)) or "").lower(),
        "max_tokens": _most(asked),
        "cache_layer": "none",
        "evidence_rank": RANK,
        "raw_usage": raw_usage(usage),
        "attributes": attributes(labels, bare, {}, {}),
    }


def _request_id(record: Mapping[str, Any]) -> str | None:
    """A number of up to 20 digits; never one that an export has rounded."""
    value = record.get("request_id")
    if isinstance(value, Decimal):
        value = f"{value:f}"
    return str(value) if type(value) is int else _text(value)


def _times(metadata: Any, parts: list[Mapping[str, Any]], logged: datetime) -> Row:
    name = "metadata.request_latency"
    latency = first_number({name: inner(metadata, "requestlatency")}, (name,))
    took = latency if latency is not None and latency >= 0 else None
    # raises for what no call takes
    length = after(logged, took or Decimal(0), name) - logged
    created = last(parts, "createtime")
    started = _instant(created, "create_time") if created is not None else logged - length
    return {
        "started_at": started,
        "ended_at": started + length if took is not None else _end(started, logged),
        "latency_ms": float(took) if took is not None else None,
    }


def _end(started: datetime, logged: datetime) -> datetime | None:
    return logged if timedelta(0) < logged - started < timedelta(days=1) else None


def _place(record: Mapping[str, Any], asked: Any) -> Row:
    """Project and region by the names of the model that was asked for and of the endpoint."""
    names = (_text(inner(asked, "model")), *(_text(record.get(n)) for n in ("endpoint", "model")))
    found = next((place for name in names if name and (place := PLACE.search(name))), None)
    project = found["project"] if found else None
    return {
        # its number, which no bill is by
        "sub_account_hint": None if project is None or project.isdecimal() else project,
        "region": found["region"] if found else None,
        "deployment_id": _text(record.get("deployed_model_id")),
        "route": _text(record.get("api_method")),
    }


def _outcome(usage: Mapping[str, Any], is_gemini: bool, parts: list[Mapping[str, Any]]) -> Row:
    error = last(parts, "error")
    said = {"error.code": inner(error, "code")} if isinstance(error, Mapping) else {}
    code = first_count(said, ("error.code",)) if type(said.get("error.code")) is int else None
    meters = token_meters(usage, is_gemini)
    if error and code not in MAY_HAVE_RUN and meters["provider_total_tokens"] is None:
        meters = nothing_billed()
    return {
        **meters,
        "status": "error" if error else "success",
        "http_status": code if code and 100 <= code <= 599 else None,
        "error_class": _text(inner(error, "status")) or _text(inner(error, "type")),
        "finish_reason": _finish(parts),
    }


def _finish(parts: list[Mapping[str, Any]]) -> str | None:
    """Of Gemini's candidates or OpenAI's choices, the first; of Claude's answer itself."""
    for part in reversed(parts):
        for name in ("candidates", "choices"):
            listed = inner(part, name)
            first = listed[0] if isinstance(listed, list) and listed else None
            if reason := _text(inner(first, "finishreason")):
                return reason.lower() if name == "candidates" else reason
    return _text(last(parts, "stopreason"))


def _most(asked: Any) -> int | None:
    most = inner(asked, "generationconfig", "maxoutputtokens") or inner(asked, "maxtokens")
    return most if type(most) is int and most > 0 else None


def _instant(value: Any, field: str) -> datetime:
    if isinstance(value, datetime):
        return utc_instant(value, field)
    if not isinstance(value, str):
        raise Unreadable(field, "missing or not a time", value=shown(value))
    return text_instant(ZONE.sub("+00:00", value), field)


def _text(value: Any) -> str | None:
    return first_text({"": value}, ("",)) if value is not None else None
