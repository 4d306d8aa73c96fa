"""The call of a model that a span tells, as one row of the requests contract.

`request_key` is `span:<trace>/<span>`, the `<join_key>:<join_value>` of the span's row of
`request_context`; both have the same batch, object and record. Two tellings of one call by two
libraries, a client's own span within or beside an instrumentation's, are two sinks of the source
(decision 37): `evidence_rank` says which, and they pair by the provider's response id, or by
`call_id`, which of a doubled span is the span around it.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

from ingestion.gateways.spans import names
from ingestion.gateways.spans.evidence import span_evidence
from ingestion.gateways.spans.kinds import DOUBLED
from ingestion.gateways.spans.outcome import Outcome, outcome, request_id_in_error
from ingestion.gateways.spans.providers import span_provider
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.usage import nothing_billed, raw_usage, span_meters
from ingestion.gateways.spans.values import first_count, first_flag, first_number, first_text
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.instants import plausible_end
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Row

INSTRUMENTATION_RANK: Final = 2
DOUBLED_RANK: Final = 1
OPERATIONS: Final = {
    "chat": "chat",
    "acompletion": "chat",
    "completion": "completion",
    "generate_content": "chat",
    "messages": "chat",
    "anthropic_messages": "chat",
    "text_completion": "completion",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "aembedding": "embeddings",
    "responses": "responses",
    "aresponses": "responses",
    "rerank": "rerank",
    "reranker": "rerank",
    "image_generation": "image",
}
# Where a span says what its call does, in the order of their worth.
OPERATION: Final = (
    *("gen_ai.operation.name", "llm.request.type", "openinference.span.kind"),
    "langfuse.observation.type",
)
# The beginning of an answer of OpenAI's or Anthropic's API, and of those that speak them.
ANSWER_ID: Final = re.compile(r'\{\s*"id":\s*"((?:chatcmpl|cmpl|resp|msg|gen)[-_][\w-]{4,120})"')
MILLISECOND: Final = timedelta(milliseconds=1)


def span_request(span: Span, semantics: UsageSemantics) -> Row:
    said, ends = span.said, outcome(span)
    meters = _meters(span, ends, semantics)
    return {
        **_identity(span),
        **{column: first_text(said, of) for column, of in names.TEXTS.items()},
        **_times(span),
        **_models(span),
        "operation": _operation(span),
        **meters,
        "tokens_estimated": False,
        "region": first_text(said, names.REGION),
        **_tiers(span),
        "stream": _stream(span),
        "attempt_no": first_count(said, names.ATTEMPT),
        "status": ends.status,
        "http_status": ends.http_status,
        "error_class": ends.error_class,
        "max_tokens": first_count(said, names.MAX_TOKENS),
        "cache_layer": "gateway_exact" if ends.cache_hit else None,
        "gateway_cost": _cost(span, meters),
        "evidence_rank": DOUBLED_RANK if _is_doubled(span) else INSTRUMENTATION_RANK,
        "raw_usage": _usage(span, ends, semantics),
        "attributes": span_evidence(span),
    }


def _identity(span: Span) -> Row:
    answer = first_text(span.said, names.RESPONSE_ID) or _id_in_answer(span)
    provider_request = first_text(span.said, names.PROVIDER_REQUEST_ID) or request_id_in_error(span)
    around = span.parent_id if _is_doubled(span) else None
    return {
        "request_key": f"{span.join_key}:{span.place}",
        "request_id": answer or provider_request or span.place,
        "request_id_made": False,
        "call_id": first_text(span.said, names.CALL_ID)
        or (f"{span.trace_id}/{around}" if around else span.place),
        "trace_id": span.trace_id,
        "provider_request_id": provider_request,
    }


def _id_in_answer(span: Span) -> str | None:
    """OpenInference has no attribute for it, but the answer as the provider sent it."""
    answer = span.said.get(names.ANSWER)
    found = ANSWER_ID.match(answer) if isinstance(answer, str) else None
    return found[1] if found else None


def _is_doubled(span: Span) -> bool:
    return span.scope in DOUBLED


def _meters(span: Span, ends: Outcome, semantics: UsageSemantics) -> Row:
    if ends.cache_hit:
        return nothing_billed()
    meters = span_meters(span.said, semantics)
    if meters["provider_total_tokens"] is None and not ends.ran:
        return nothing_billed()
    return meters


def _usage(span: Span, ends: Outcome, semantics: UsageSemantics) -> str | None:
    logged = raw_usage(span.said)
    if not ends.cache_hit:
        return logged
    return with_spared(logged, lambda: span_meters(span.said, semantics))


def _times(span: Span) -> Row:
    ended = plausible_end(span.started, span.ended, "end")
    latency = (ended - span.started) / MILLISECOND if ended and ended >= span.started else None
    seconds = first_number(span.said, names.FIRST_TOKEN_SECONDS)
    first = first_number(span.said, names.FIRST_TOKEN_MS) if seconds is None else seconds * 1000
    return {
        "started_at": span.started,
        "ended_at": ended,
        "latency_ms": latency,
        "ttft_ms": float(first) if first is not None and first >= 0 else None,
    }


def _models(span: Span) -> Row:
    asked = first_text(span.said, names.MODEL_REQUESTED)
    routed = first_text(span.said, names.MODEL_ROUTED)
    served = first_text(span.said, names.MODEL_SERVED)
    if routed is not None and served == asked and not routed.endswith(served or routed):
        # a gateway answers under the name that it was asked for
        served = None
    return {
        "model_requested": asked or routed or served,
        "model_routed": routed,
        "model_served": served,
        "provider": span_provider(span, routed or served or asked),
    }


def _operation(span: Span) -> str | None:
    words = (first_text(span.said, (name,)) for name in OPERATION)
    known = (OPERATIONS.get(word.lower()) for word in words if word)
    client = first_text(span.said, ("ai.operationId",)) or ""
    return next(filter(None, known), "embeddings" if client.startswith("ai.embed") else "chat")


def _tiers(span: Span) -> Row:
    served = served_tier(first_text(span.said, names.TIER_SERVED))
    asked = served_tier(first_text(span.said, names.TIER_ASKED)) if served is None else None
    return {"service_tier": served, "service_tier_asked": asked}


def _stream(span: Span) -> bool | None:
    flag = first_flag(span.said, names.STREAM)
    is_stream = (first_text(span.said, ("ai.operationId",)) or "").endswith(".doStream")
    return True if is_stream else flag


def _cost(span: Span, meters: Row) -> Decimal | None:
    """NULL where its 0 means that no price is known: beside tokens it never means "free"."""
    cost = first_number(span.said, names.COST)
    if cost is None or (not cost and meters["provider_total_tokens"] != 0):
        return None
    return cost.quantize(PICO)
