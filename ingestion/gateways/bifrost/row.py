"""One row of Bifrost's log as rows of the requests contract: the call, and its cache's lookup.

A fallback is a row of its own and names the first one; tries of one row share it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.bifrost.lookup import lookup, provider
from ingestion.gateways.bifrost.usage import flat_usage, raw_usage, token_meters
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_flag, first_number, first_text
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.instants import after, text_instant
from ingestion.reading.tags import TAG_NAMES, json_value, split_tags, tag_places
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.records import Row

RANK: Final = 1
EXPECTED: Final = "no row of Bifrost's log: expected `id`, `timestamp`, `provider` and `model`"
# Beginnings of what calls no model: reading lists, handling batches and files, counting.
NO_CALLS: Final = (
    *("list_", "batch", "file", "container", "count_tokens", "video_retrieve", "video_list"),
    *("video_download", "video_delete", "cached_content"),
)
OPERATIONS: Final = (
    *(("embedding", "embeddings"), ("responses", "responses"), ("rerank", "rerank")),
    *(("image", "image"), ("chat", "chat"), ("text", "completion")),
)
# Such a call may have run: what it used is not known to be nothing.
MAY_HAVE_RUN: Final = frozenset((408, 499, 504))
# What of a row names an owner beside its metadata.
TOLD: Final = (
    *("business_unit_id", "business_unit_name", "customer_name", "user_name"),
    *("routing_rule_id", "routing_rule_name", "selected_key_name"),
)


def rows_of(record: Mapping[str, Any]) -> list[Row]:
    """None where no model was called.

    Raises Unreadable; where its time can be read, with the day.
    """
    request, model = first_text(record, ("id",)), first_text(record, ("model", "alias"))
    time = record.get("timestamp")
    kind = (first_text(record, ("object_type", "object")) or "").lower()
    if request is None or time is None or (model is None and not kind):
        raise Unreadable(None, EXPECTED)
    if not isinstance(time, str):
        raise Unreadable("timestamp", "not a time", value=shown(time))
    started = text_instant(time, "timestamp")
    if kind.startswith(NO_CALLS) or model is None:
        return []
    try:
        cache = _held(record, "cache_debug")
        row = _row(record, request, kind, cache, started)
        return [row, *lookup(row, cache)]
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _row(record: Mapping[str, Any], request: str, kind: str, cache: Any, started: datetime) -> Row:
    fell_back = (first_count(record, ("fallback_index",)) or 0) > 0
    parent = first_text(record, ("parent_request_id",))
    usage, params = _held(record, "token_usage"), _held(record, "params")
    said = flat_usage(usage, record)
    hit = isinstance(cache, Mapping) and first_flag(cache, ("cache_hit",)) is True
    outcome = _outcome(record, nothing_billed() if hit else token_meters(said))
    logged = raw_usage(usage, said)
    return {
        "request_key": f"bifrost:{request}",
        "request_id": request,
        "request_id_made": False,
        "call_id": parent if fell_back and parent else request,
        # of a first try it is the session that the caller named
        "session_id": None if fell_back else parent,
        "user_id": first_text(record, ("user_id",)),
        "customer_id": first_text(record, ("customer_id",)),
        **_times(record, started),
        "gateway_key_id": first_text(record, ("virtual_key_id",)),
        "gateway_key_alias": first_text(record, ("virtual_key_name",)),
        "gateway_team": first_text(record, ("team_id",)),
        "gateway_team_alias": first_text(record, ("team_name",)),
        "deployment_id": first_text(record, ("selected_key_id",)),
        "provider": provider(first_text(record, ("provider",))),
        "operation": next((name for word, name in OPERATIONS if word in kind), "chat"),
        **_models(record),
        **outcome,
        "tokens_estimated": False,
        "service_tier_asked": served_tier(first_text(params, ("service_tier",))),
        "max_tokens": _most(params),
        "stream": first_flag(record, ("stream",)),
        "attempt_no": (first_count(record, ("number_of_retries",)) or 0) + 1,
        "attempt_role": "fallback" if fell_back else "primary",
        "finish_reason": first_text(record, ("stop_reason",)),
        "cache_layer": _layer(cache) if hit else "none",
        "prompt_version": _version(record),
        "gateway_cost": _cost(record, outcome, hit),
        "evidence_rank": RANK,
        "raw_usage": with_spared(logged, lambda: token_meters(said)) if hit else logged,
        "attributes": _evidence(record),
    }


def _outcome(record: Mapping[str, Any], meters: Row) -> Row:
    error = _held(record, "error_details")
    code = first_count(error, ("status_code",))
    inner = _held(error, "error")
    reason = first_text(inner, ("type", "code")) or first_text(error, ("type",))
    status = (first_text(record, ("status",)) or "").lower()
    failed = status == "error" or (not status and bool(error))
    cancelled = status == "cancelled" or (failed and reason == "request_cancelled")
    ran = not failed or cancelled or code in MAY_HAVE_RUN or reason == "request_timed_out"
    if not ran and meters["provider_total_tokens"] is None:
        meters = nothing_billed()
    return {
        **meters,
        "status": "cancelled" if cancelled else "error" if failed else "success",
        "http_status": code if code and 100 <= code <= 599 else None,
        "error_class": reason if failed else None,
    }


def _times(record: Mapping[str, Any], started: datetime) -> Row:
    latency = first_number(record, ("latency",))
    known = latency is not None and latency >= 0
    return {
        "started_at": started,
        "ended_at": after(started, latency or Decimal(0), "latency") if known else None,
        "latency_ms": float(latency or 0) if known else None,
    }


def _models(record: Mapping[str, Any]) -> Row:
    model = first_text(record, ("model",))
    return {
        "model_requested": first_text(record, ("alias", "model")),
        "model_routed": model,
        "model_mapped": first_text(record, ("canonical_model_name",)),
    }


def _cost(record: Mapping[str, Any], outcome: Row, hit: bool) -> Decimal | None:
    """NULL where its 0 means that no price is known: beside tokens it never means "free"."""
    cost = first_number(record, ("cost",))
    if cost is None or (not cost and not hit and outcome["provider_total_tokens"] != 0):
        return None
    return cost.quantize(PICO)


def _layer(cache: Mapping[str, Any]) -> str:
    """As Bifrost calls it: `direct` or `semantic`."""
    return first_text(cache, ("hit_type",)) or "gateway_exact"


def _version(record: Mapping[str, Any]) -> str | None:
    name = first_text(record, ("selected_prompt_name", "selected_prompt_id"))
    version = first_text(record, ("selected_prompt_version",))
    return f"{name}@{version}" if name and version else name


def _most(params: Mapping[str, Any]) -> int | None:
    names = ("max_completion_tokens", "max_output_tokens", "max_tokens")
    most = next((params[name] for name in names if params.get(name) is not None), None)
    return most if type(most) is int and most > 0 else None


def _held(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, or a text that holds one; of any other shape it says nothing."""
    value = record.get(name)
    found = json_value(value) if isinstance(value, str) else value
    return found if isinstance(found, Mapping) else {}


def _evidence(record: Mapping[str, Any]) -> Evidence:
    metadata = dict(_held(record, "metadata"))
    tags, labels = split_tags(*tag_places(metadata))
    told = {name: text for name in TOLD if (text := first_text(record, (name,)))}
    flat = flatten(metadata, told)
    return attributes(tags, labels, {k: v for k, v in flat.items() if k not in TAG_NAMES}, {})
