"""One generation of OpenRouter as one row of the requests contract.

`native_tokens_*` are what is billed, by the model's own tokenizer; `tokens_*` beside them are of
one tokenizer for all models. `usage` is what OpenRouter charges in credits, which are dollars: it
lands as `cost` of raw_usage, as an answer of its API has it. Of a call with a company's own key
that is the fee of the routing; what the upstream takes (`upstream_inference_cost`) stands on its
bill.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_flag, first_number, first_text
from ingestion.reading.attributes import Evidence, attributes
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.instants import after, text_instant
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.raw_usage import known_usage, with_spared
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

RANK: Final = 1
EXPECTED: Final = (
    "no generation of OpenRouter: expected `id` (`generation_id` in its export), `created_at` and"
    " `model`"
)
# Cached tokens within the prompt, reasoning and images within the completion.
SEMANTICS: Final = UsageSemantics()
# The export has one pair of counts, under the plain names.
INPUT: Final = ("native_tokens_prompt", "tokens_prompt")
OUTPUT: Final = ("native_tokens_completion", "tokens_completion")
REASONING: Final = ("native_tokens_reasoning", "tokens_reasoning")
CACHED: Final = ("native_tokens_cached", "tokens_cached")
IMAGES: Final = ("native_tokens_completion_images",)
NAMES: Final = CountNames(INPUT[0], OUTPUT[0], INPUT[0])
COST: Final = ("usage", "total_cost", "cost_total")
MODEL: Final = ("model", "model_permaslug")
OPERATIONS: Final = {
    "completions": "chat",
    "chat": "chat",
    "responses": "responses",
    "messages": "chat",
    "embeddings": "embeddings",
    "rerank": "rerank",
}
# How many of what else there was; `cost_details` of an answer.
COUNTED: Final = (
    *INPUT,
    *OUTPUT,
    *(*REASONING, *CACHED, *IMAGES),
    *("num_media_prompt", "num_input_audio_prompt", "num_media_completion"),
    *("num_search_results", "num_fetches"),
    *("cache_discount", "upstream_inference_cost"),
)
# What of it may name an owner.
TOLD: Final = ("app_id", "app_name", "origin", "http_referer", "preset_id", "data_region")
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


def generation_row(said: Mapping[str, Any]) -> Row:
    """Raises Unreadable; where its time can be read, with the day."""
    request = first_text(said, ("id", "generation_id"))
    created, model = said.get("created_at"), first_text(said, MODEL)
    if request is None or model is None or created is None:
        raise Unreadable(None, EXPECTED)
    if not isinstance(created, str):
        raise Unreadable("created_at", "not a time", value=shown(created))
    started = text_instant(created, "created_at")
    try:
        return _row(said, request, model, started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _row(said: Mapping[str, Any], request: str, model: str, started: datetime) -> Row:
    upstream = first_text(said, ("upstream_id",))
    cost = first_number(said, COST)
    hit = first_text(said, ("response_cache_source_id",)) is not None
    meters = nothing_billed() if hit else _meters(said)
    usage = _raw_usage(said, cost)
    return {
        "request_key": f"openrouter:{request}",
        "request_id": request,
        "request_id_made": False,
        "call_id": first_text(said, ("request_id",)),
        "session_id": first_text(said, ("session_id",)),
        "provider_request_id": upstream,
        "customer_id": first_text(said, ("external_user",)),
        **_times(said, started),
        "gateway_key_alias": first_text(said, ("api_key_name",)),
        "credential_hint": first_text(said, ("api_key_name",)),
        "provider": "openrouter",
        "sub_account_hint": first_text(said, ("workspace_id",)),
        "operation": OPERATIONS.get(first_text(said, ("api_type",)) or "", "chat"),
        **_models(said, model),
        **_outcome(said, meters),
        "tokens_estimated": "id" in said
        and not _is_native(said)
        and bool(meters["provider_total_tokens"]),
        "service_tier": served_tier(first_text(said, ("service_tier",))),
        "stream": first_flag(said, ("streamed",)),
        "finish_reason": first_text(said, ("finish_reason", "native_finish_reason")),
        "cache_layer": "gateway_exact" if hit else "none",
        "gateway_cost": cost.quantize(PICO) if cost is not None else None,
        "evidence_rank": RANK,
        "raw_usage": with_spared(usage, lambda: _meters(said)) if hit else usage,
        "attributes": _evidence(said),
    }


def _meters(said: Mapping[str, Any]) -> Row:
    # a native 0 is a count, beside another tokenizer's
    which = 0 if _is_native(said) else 1
    counts = TokenCounts(
        input=first_count(said, (INPUT[which],)),
        output=first_count(said, (OUTPUT[which],)),
        cache_read=first_count(said, CACHED),
        reasoning=first_count(said, REASONING),
        image_output=first_count(said, IMAGES),
    )
    meters = disjoint_meters(counts, SEMANTICS, NAMES)
    nothing = None if meters["provider_total_tokens"] is None else 0
    return meters | dict.fromkeys((f"{meter}_quantity" for meter in PIECE_METERS), nothing)


def _is_native(said: Mapping[str, Any]) -> bool:
    return said.get(INPUT[0]) is not None or said.get(OUTPUT[0]) is not None


def _is_estimate(said: Mapping[str, Any], meters: Row) -> bool:
    """Another tokenizer's counts alone, in an answer."""
    return "id" in said and not _is_native(said) and bool(meters["provider_total_tokens"])


def _times(said: Mapping[str, Any], started: datetime) -> Row:
    """What it calls latency is of some generations the time until their first token."""
    told = (first_number(said, (name,)) for name in ("latency", "generation_time"))
    known = [each for each in told if each is not None and each >= 0]
    return {
        "started_at": started,
        "ended_at": after(started, max(known), "generation_time") if known else None,
        "latency_ms": float(max(known)) if known else None,
    }


def _models(said: Mapping[str, Any], model: str) -> Row:
    """A router's own name (`openrouter/auto`) is what was asked for."""
    variant = first_text(said, ("variant",))
    named = model if variant in (None, "standard") or ":" in model else f"{model}:{variant}"
    return {
        "model_requested": first_text(said, ("router",)) or named,
        "model_routed": named,
        "deployment_id": first_text(said, ("provider_name",)),
    }


def _outcome(said: Mapping[str, Any], meters: Row) -> Row:
    """By the last host that was tried; a generation without tries has a finish reason alone."""
    tries = said.get("provider_responses")
    codes = [
        code
        for each in (tries if isinstance(tries, list) else ())
        if isinstance(each, dict) and (code := first_count(each, ("status",)))
    ]
    code = codes[-1] if codes and 100 <= codes[-1] <= 599 else None
    cancelled = first_flag(said, ("cancelled",)) is True
    failed = (code or 200) >= 400 or first_text(said, ("finish_reason",)) == "error"
    if failed and not meters["provider_total_tokens"] and not cancelled:
        meters = nothing_billed()
    return {
        **meters,
        "attempt_no": None,
        "status": "cancelled" if cancelled else "error" if failed else "success",
        "http_status": code,
    }


def _raw_usage(said: Mapping[str, Any], cost: Decimal | None) -> str | None:
    usage = {name: said[name] for name in COUNTED if said.get(name) is not None}
    if cost is not None:
        usage["cost"] = cost
    return known_usage(_ENCODER.encode(usage)) if usage else None


def _evidence(said: Mapping[str, Any]) -> Evidence:
    return attributes(
        {}, [], {name: text for name in TOLD if (text := first_text(said, (name,)))}, {}
    )
