"""One request that Helicone logged as one row of the requests contract.

Its own id is the `request_id`; the provider's id of the response stands in the body, where that
is exported. The CSV of its export tool has no `request_id`: its rows are another sink (decision
37) and pair with the others by `response_id`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from ingestion.gateways.access_logs.usage import claimed_cost
from ingestion.gateways.bodies.answer import USAGES, Answer, answer_of
from ingestion.gateways.bodies.asked import Asked, asked_of, operation_of_path
from ingestion.gateways.bodies.body import Body
from ingestion.gateways.helicone import record as names
from ingestion.gateways.helicone.outcome import outcome
from ingestion.gateways.helicone.record import Said
from ingestion.gateways.helicone.session import JOIN_KEY, contexts_of, kind_of
from ingestion.gateways.helicone.tokens import meters_of, raw_usage
from ingestion.gateways.spans.collecting import Told
from ingestion.gateways.spans.kinds import CALL
from ingestion.gateways.spans.span import plain_word
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_flag, first_number, first_text
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.instants import after, plausible_end, text_instant
from ingestion.reading.providers import canonical_provider, provider_of_host, provider_of_model
from ingestion.reading.tags import TAG_NAMES, split_tags, tag_places
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.records import Row

MILLISECOND: Final = timedelta(milliseconds=1)
CSV_RANK: Final = 1
RANK: Final = 2
# Helicone's words for providers that have another name here.
PROVIDERS: Final = {
    "bedrock": "aws",
    "local": "own",
    "fireworks": "fireworks_ai",
    "google-ai-studio": "google",
    "vertex": "google",
    "mistral-ai": "mistral",
    "together": "together_ai",
    "togetherai": "together_ai",
    "x": "xai",
}
# What it says where it does not know.
UNKNOWN: Final = frozenset(("custom", "helicone", "unknown"))
# What else of a row may name an owner.
TOLD: Final = ("organization_id", "request_referrer", "country_code", "gateway_endpoint_version")


def told_of(said: Said) -> Told:
    """The rows of a call, and where it stands; raises Unreadable, with the day where its time can
    be read.
    """
    request, created = _id(said), said.get(names.TIME)
    if request is None or created is None or first_text(said, names.STATUS) is None:
        raise Unreadable(None, names.EXPECTED)
    if not isinstance(created, str):
        raise Unreadable(names.TIME, "not a time", value=shown(created))
    started = text_instant(created, names.TIME)
    try:
        return _told(said, plain_word(request), started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _id(said: Said) -> str | None:
    request = names.id_in(said, "request_id")
    response = names.id_in(said, "response_id")
    return request or (f"response-{response}" if response else None)


def _told(said: Said, request: str, started: datetime) -> Told:
    properties = names.properties_of(said)
    asked = asked_of(names.body_in(said, "request_body"))
    answer = _answer(names.body_in(said, "response_body"))
    model = first_text(said, names.MODEL) or asked.model or answer.model
    kind = kind_of(model)
    contexts = contexts_of(request, kind, model, properties, started)
    if kind != CALL:
        return [], contexts
    row = _row(said, request, started, properties, asked, answer, model)
    if model is None:
        if row["provider_total_tokens"] or row["gateway_cost"]:
            raise Unreadable(
                "model", "empty", option="export JSON lines: its CSV has none without bodies"
            )
        return [], []  # a list of models, a file
    return answer.rows(row), contexts


def _answer(body: Body) -> Answer:
    """Without a usage of an odd shape: the columns have counts, too."""
    try:
        return answer_of(body)
    except Unreadable:
        return answer_of({name: body[name] for name in body if name not in USAGES})


def _row(
    said: Said,
    request: str,
    started: datetime,
    properties: Mapping[str, Any],
    asked: Asked,
    answer: Answer,
    model: str | None,
) -> Row:
    hit = names.id_in(said, "cache_reference_id") is not None
    path = first_text(said, ("request_path",)) or first_text(said, ("target_url",))
    operation = operation_of_path(path) or "chat"
    provider = _provider(said, model)
    ends = outcome(said)
    told = partial(meters_of, said, answer, provider, operation, ran=ends.ran)
    meters = nothing_billed() if hit else told()
    logged = raw_usage(said, answer)
    return {
        **_identity(said, request, answer, properties),
        **_times(said, started),
        "gateway_key_id": names.id_in(said, "proxy_key_id"),
        "provider": provider,
        "region": answer.region,
        "route": first_text(said, ("request_path",)),
        "operation": operation,
        **_models(said, asked, answer, model),
        **meters,
        "tokens_estimated": False,
        **_request(said, asked, answer, properties),
        "attempt_role": None,
        "status": ends.status,
        "http_status": ends.http_status,
        "error_class": ends.error_class,
        "cache_layer": "gateway_exact" if hit else _no_layer(said),
        "gateway_cost": claimed_cost(names.cost_of(said), meters),
        "evidence_rank": RANK if names.id_in(said, "request_id") else CSV_RANK,
        "raw_usage": with_spared(logged, told) if hit else logged,
        "attributes": _evidence(said, properties, asked),
    }


def _identity(said: Said, request: str, answer: Answer, properties: Mapping[str, Any]) -> Row:
    return {
        "request_key": f"{JOIN_KEY}:{request}",
        "request_id": names.id_in(said, "request_id", "response_id"),
        "request_id_made": False,
        "call_id": names.id_in(said, "response_id"),
        "session_id": first_text(properties, (names.SESSION,)),
        "provider_request_id": answer.id,
        "customer_id": names.user_of(said),
    }


def _times(said: Said, started: datetime) -> Row:
    told = said.get("response_created_at")
    ended = text_instant(told, "response_created_at") if isinstance(told, str) and told else None
    latency, first = (first_number(said, of) for of in (names.LATENCY, ("time_to_first_token",)))
    if latency is not None and latency >= 0:
        ended = after(started, latency, "delay_ms")
    ended = plausible_end(started, ended, "response_created_at")
    return {
        "started_at": started,
        "ended_at": ended,
        "latency_ms": (ended - started) / MILLISECOND if ended and ended >= started else None,
        # 0 stands for none
        "ttft_ms": float(first) if first is not None and first > 0 else None,
    }


def _models(said: Said, asked: Asked, answer: Answer, model: str | None) -> Row:
    return {
        "model_requested": asked.model or model,
        "model_routed": first_text(said, ("model_override",)) or model,
        "model_served": first_text(said, ("response_model",)) or answer.model,
        "model_mapped": None,
    }


def _provider(said: Said, model: str | None) -> str | None:
    """Who bills: Helicone itself for what went by its own credits, else the host that was called,
    else its word.
    """
    if first_flag(said, ("is_passthrough_billing",)) is True:
        return "helicone"
    if host := provider_of_host(first_text(said, ("target_url",))):
        return host
    word = (first_text(said, ("provider",)) or "unknown").lower()
    if word not in UNKNOWN:
        return PROVIDERS.get(word) or canonical_provider(word)
    return provider_of_model(model) if model else None


def _request(said: Said, asked: Asked, answer: Answer, properties: Mapping[str, Any]) -> Row:
    first = first_number(said, ("time_to_first_token",))
    return {
        "service_tier": answer.tier,
        "service_tier_asked": asked.tier if answer.tier is None else None,
        # what tells when its first token came was a stream
        "stream": True if asked.stream is None and first else asked.stream,
        "finish_reason": answer.finish_reason,
        "max_tokens": asked.max_tokens,
        "response_format": asked.response_format,
        "prompt_version": first_text(said, ("prompt_version", "prompt_id"))
        or first_text(properties, ("helicone-prompt-version", "helicone-prompt-id")),
    }


def _no_layer(said: Said) -> str | None:
    """The CSV does not say whether a cache answered."""
    return "none" if "cache_reference_id" in said else None


def _evidence(said: Said, properties: Mapping[str, Any], asked: Asked) -> Evidence:
    own = {name: value for name, value in properties.items() if not name.startswith(names.OWN)}
    told = {name: text for name in TOLD if (text := names.id_in(said, name))}
    tags, labels = split_tags(*tag_places(own))
    flat = flatten(own, dict(asked.metadata), told, leave_out=TAG_NAMES)
    return attributes(tags, labels, flat, {})
