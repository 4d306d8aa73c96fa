"""One attempt that Portkey logged as one row of the requests contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ingestion.gateways.access_logs.usage import claimed_cost, http_status, outcome
from ingestion.gateways.bodies.answer import Answer, answer_of, error_of
from ingestion.gateways.bodies.asked import Asked, asked_of, operation_of_path
from ingestion.gateways.portkey.call import BODIES_RANK, Call
from ingestion.gateways.portkey.providers import provider_of
from ingestion.gateways.portkey.tokens import answered_meters, raw_usage
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import after
from ingestion.reading.tags import TAG_NAMES, scalar_text, split_tags, tag_places
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.records import Row

# The gateway's word for what was called.
OPERATIONS: Final = {
    "chatcomplete": "chat",
    "messages": "chat",
    "complete": "completion",
    "embed": "embeddings",
    "createmodelresponse": "responses",
    "imagegenerate": "image",
    "imageedit": "image",
    "createspeech": "audio",
    "createtranscription": "audio",
    "createtranslation": "audio",
    "rerank": "rerank",
}
# Answers of its own cache, by the layer that gave them; all others came from a provider.
HITS: Final = {"HIT": "gateway_exact", "SEMANTIC HIT": "semantic"}
USER: Final = "_user"


@dataclass(frozen=True, slots=True)
class _Read:
    """What the bodies of a call say."""

    call: Call
    asked: Asked
    answer: Answer
    model: str | None
    provider: str | None
    operation: str
    layer: str | None


def portkey_rows(call: Call, literal: bytes) -> list[Row]:
    """None of what asked no model; raises Unreadable, with the day."""
    try:
        return _rows(call, literal)
    except Unreadable as refusal:
        refusal.day = call.started.date()
        raise


def _rows(call: Call, literal: bytes) -> list[Row]:
    asked, answer = asked_of(call.asked), _answer(call)
    model = call.model or asked.model or answer.model
    operation = OPERATIONS.get((call.function or "").lower()) or operation_of_path(call.url)
    read = _Read(
        *(call, asked, answer, model),
        provider=provider_of(call, model),
        operation=operation or "chat",
        layer=_layer(call),
    )
    row = _row(read, literal)
    if model is None and not row["provider_total_tokens"]:
        return []  # files, batches, lists
    return answer.rows(row)


def _answer(call: Call) -> Answer:
    """The first body that tells usage, else the first: it may name the response."""
    answers = [answer_of(body) for body in call.answers]
    told = (answer for answer in answers if answer.tells_usage)
    return next(told, answers[0] if answers else Answer())


def _row(read: _Read, literal: bytes) -> Row:
    call, answer = read.call, read.answer
    hit = read.layer in HITS.values()
    ends = outcome(
        http_status(call.status), nothing_billed() if hit else _meters(read), failed=call.failed
    )
    logged = raw_usage(call, answer)
    errors = (error_of(body) for body in call.answers)
    latency = call.latency_ms if call.latency_ms is not None and call.latency_ms >= 0 else None
    return {
        **_identity(read, literal),
        "started_at": call.started,
        "ended_at": after(call.started, latency, "response_time") if latency is not None else None,
        "latency_ms": float(latency) if latency is not None else None,
        "provider": read.provider,
        "region": answer.region,
        "operation": read.operation,
        "model_requested": read.asked.model or read.model,
        "model_routed": read.model,
        "model_served": answer.model,
        "model_mapped": None,
        **ends,
        "tokens_estimated": False,
        **_request(read),
        **_attempt(call),
        "error_class": next(filter(None, errors), None) if call.failed else None,
        "cache_layer": read.layer,
        "gateway_cost": claimed_cost(call.cost, ends),
        "evidence_rank": call.rank,
        "raw_usage": with_spared(logged, lambda: _meters(read)) if hit else logged,
        "attributes": _evidence(read),
    }


def _identity(read: _Read, literal: bytes) -> Row:
    call = read.call
    made = call.id or f"content-{bytes_hash(literal)}:{call.attempt}"
    return {
        "request_key": f"portkey:{made}",
        "request_id": made,
        "request_id_made": call.id is None,
        "call_id": call.call_id,
        "trace_id": call.trace_id,
        "provider_request_id": read.answer.id or call.provider_request_id,
        "customer_id": scalar_text(call.metadata.get(USER)) or read.asked.user,
    }


def _meters(read: _Read) -> Row:
    return answered_meters(read.call, read.answer, read.provider, read.operation)


def _layer(call: Call) -> str | None:
    """An export does not say whether a cache answered."""
    if call.cache is None:
        return None
    return HITS.get(call.cache.upper(), "none")


def _request(read: _Read) -> Row:
    asked, answer = read.asked, read.answer
    return {
        "service_tier": answer.tier,
        "service_tier_asked": asked.tier if answer.tier is None else None,
        "stream": asked.stream,
        "finish_reason": answer.finish_reason,
        "max_tokens": asked.max_tokens,
        "response_format": asked.response_format,
        "prompt_version": read.call.prompt,
    }


def _attempt(call: Call) -> Row:
    """The export has each attempt as a log of its own, and does not say which."""
    if call.rank != BODIES_RANK:
        return {"attempt_no": None, "attempt_role": None}
    role = "fallback" if call.is_fallback else "retry" if call.attempt else "primary"
    return {"attempt_no": call.attempt + 1, "attempt_role": role}


def _evidence(read: _Read) -> Evidence:
    """Names that Portkey gives a meaning have a line before them: `_environment`."""
    own: Mapping[str, Any] = {
        name: value for name, value in read.call.metadata.items() if name != USER
    }
    meant = {name[1:]: own[name] for name in own if name.startswith("_") and len(name) > 1}
    tags, labels = split_tags(*tag_places(own))
    sources = (own, meant, dict(read.asked.metadata), dict(read.call.told))
    return attributes(tags, labels, flatten(*sources, leave_out=TAG_NAMES), {})
