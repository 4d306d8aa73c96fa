"""Azure OpenAI's resource log `RequestResponse`: calls of a resource's models, without their use.

It tells that a deployment was called, when, by whom, and how it ended; no token is in it, nor in
the metrics by request. Calls that ran have unknown meters. Other operations of the resource (files,
threads) and its other categories are foreign.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.spans.collecting import ContextRecords
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_number, first_text
from ingestion.reading.attributes import attributes
from ingestion.reading.collecting import bytes_hash, logged_text
from ingestion.reading.instants import after, utc_instant
from ingestion.reading.records.azure_monitor import (
    MAY_BE_BILLED,
    category_of,
    monitor_record,
    started_at,
)
from ingestion.reading.records.json_records import json_records
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import UNKNOWN, UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
RANK: Final = 1
REQUESTS: Final = "requestresponse"
EXPECTED: Final = "no resource log of Azure OpenAI: expected `category` and `correlationId`"
# What an operation is for, by its name.
OPERATIONS: Final = (
    (re.compile(r"embedding", re.IGNORECASE), "embeddings"),
    (re.compile(r"image", re.IGNORECASE), "image"),
    (re.compile(r"response", re.IGNORECASE), "responses"),
    (re.compile(r"chat", re.IGNORECASE), "chat"),
    (re.compile(r"completion", re.IGNORECASE), "completion"),
    (re.compile(r"speech|transcri|translat|audio|realtime", re.IGNORECASE), "audio"),
    (re.compile(r"message", re.IGNORECASE), "chat"),
)
SUBSCRIPTION: Final = re.compile(r"/subscriptions/([0-9a-f-]{36})/", re.IGNORECASE)
VERSION: Final = re.compile(r"[0-9][0-9-]{3,9}")
# .NET's ticks: 100 nanoseconds since the year 1.
TICKS: Final = 10
FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST_TICK: Final = 3_155_378_975_999_999_999
WHOLE: Final = re.compile(r"[0-9]{1,19}")


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model."""
    collected = ContextRecords(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_told(record, offset, _told)
    return collected.finish(content, end)


def _told(literal: bytes) -> tuple[list[Row], list[Row]]:
    said = monitor_record(literal)
    category = category_of(said)
    if not category or "correlationid" not in said:
        raise Unreadable(None, EXPECTED)
    operation = _operation(said)
    if category != REQUESTS or operation is None:
        return [], []
    started = _moment(said, "requesttime") or started_at(said)
    try:
        return [_row(said, started, operation, literal)], []
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _operation(said: Mapping[str, Any]) -> str | None:
    """None for what calls no model."""
    name = first_text(said, ("operationname",)) or ""
    found = next((operation for named, operation in OPERATIONS if named.search(name)), None)
    return found or ("chat" if first_text(said, ("modeldeploymentname",)) else None)


def _row(said: Mapping[str, Any], started: datetime, operation: str, literal: bytes) -> Row:
    request = first_text(said, ("correlationid",))
    made = request or f"content-{bytes_hash(literal)}"
    caller = first_text(said, ("objectid",))
    subscription = SUBSCRIPTION.match(first_text(said, ("resourceid",)) or "")
    address = first_text(said, ("calleripaddress",))
    return {
        "request_key": f"azure:{made}",
        "request_id": made,
        "request_id_made": request is None,
        "provider_request_id": request,
        "user_id": caller,
        "credential_hint": caller,
        **_times(said, started),
        "provider": "azure",
        "sub_account_hint": subscription[1].lower() if subscription else None,
        "region": (first_text(said, ("location",)) or "").lower().replace(" ", "") or None,
        "route": first_text(said, ("operationname",)),
        "operation": operation,
        **_models(said),
        **_outcome(said),
        "tokens_estimated": False,
        "stream": _stream(said),
        "cache_layer": "none",
        "evidence_rank": RANK,
        "attributes": attributes({}, [], {"calleripaddress": address} if address else {}, {}),
    }


def _times(said: Mapping[str, Any], started: datetime) -> Row:
    ended = _moment(said, "responsetime")
    latency = first_number(said, ("durationms",))
    if ended is not None and ended >= started:
        latency = Decimal((ended - started) / timedelta(microseconds=1)) / 1000
    known = latency is not None and latency >= 0
    return {
        "started_at": started,
        "ended_at": after(started, latency or Decimal(0), "durationMs") if known else None,
        "latency_ms": float(latency or 0) if known else None,
    }


def _models(said: Mapping[str, Any]) -> Row:
    deployment = first_text(said, ("modeldeploymentname",))
    model, version = first_text(said, ("modelname",)), first_text(said, ("modelversion",))
    is_version = version is not None and VERSION.fullmatch(version)
    return {
        "deployment_id": deployment,
        "model_requested": deployment or model,
        "model_routed": model,
        "model_served": f"{model}-{version}" if model and is_version else None,
    }


def _outcome(said: Mapping[str, Any]) -> Row:
    code = first_count(said, ("resultsignature", "resulttype"))
    known = code if code and 100 <= code <= 599 else None
    failed = (known or 200) >= 400
    ran = not failed or known in MAY_BE_BILLED
    return {
        **(UNKNOWN if ran else nothing_billed()),
        "status": "error" if failed else "success",
        "http_status": known,
    }


def _stream(said: Mapping[str, Any]) -> bool | None:
    kind = first_text(said, ("streamtype",))
    return None if kind is None else not kind.lower().startswith("non")


def _moment(said: Mapping[str, Any], name: str) -> datetime | None:
    value = said.get(name)
    ticks = int(value) if isinstance(value, str) and WHOLE.fullmatch(value) else value
    if type(ticks) is not int or not 0 < ticks <= LAST_TICK:
        return None
    return utc_instant(FIRST + timedelta(microseconds=ticks // TICKS), name)
