"""One record of Bedrock's model invocation log as one row of the requests contract.

`requestId` is the provider's id of the call; Claude's answers have one of the response besides,
by which a gateway or a trace may know it. Each try of a client is a call of its own here.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.bedrock_invocations.record import (
    EXPECTED,
    SCHEMA,
    Invocation,
    Told,
    asked_of,
    inner,
    told,
)
from ingestion.gateways.bedrock_invocations.usage import raw_usage, said_of_usage, token_meters
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_number, first_text
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.instants import after, text_instant
from ingestion.reading.tags import TAG_NAMES, split_tags, tag_places
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.records import Row

RANK: Final = 1
STREAMS: Final = ("ConverseStream", "InvokeModelWithResponseStream")
# What a model is for, by its id: InvokeModel calls all of them.
KINDS: Final = (
    (re.compile(r"embed", re.IGNORECASE), "embeddings"),
    (re.compile(r"rerank", re.IGNORECASE), "rerank"),
)
# Ids that a company gave: an inference profile, a provisioned or an imported model.
OWN_MODEL: Final = re.compile(r"arn:aws[^:]*:bedrock:.*:(?!foundation-model/|inference-profile/)")
PROVISIONED: Final = ":provisioned-model/"
# Statuses of the API's errors, which the log has by name.
ERRORS: Final[Mapping[str, int]] = {
    "AccessDeniedException": 403,
    "ConflictException": 400,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
# Such a call may have run: what it used is not known to be nothing.
MAY_HAVE_RUN: Final = frozenset(("ModelStreamErrorException", "ModelTimeoutException"))


def invocation_row(record: Invocation, literal: bytes) -> Row:
    """Raises Unreadable; where its time can be read, with the day."""
    schema = _text(record.schema_type)
    if (schema is not None and schema != SCHEMA) or _text(record.model_id) is None:
        raise Unreadable(None, EXPECTED)
    if not isinstance(record.timestamp, str):
        raise Unreadable("timestamp", "missing or not a text", value=shown(record.timestamp))
    started = text_instant(record.timestamp, "timestamp")
    try:
        return _row(record, literal, started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _row(record: Invocation, literal: bytes, started: datetime) -> Row:
    answer = list(told(record))
    said = said_of_usage(record, answer)
    return {
        **_identity(record, answer, literal),
        **_times(started, said),
        "user_id": _arn(record),
        "credential_hint": _arn(record),
        "sub_account_hint": _text(record.account_id),
        "provider": "aws",
        "region": _text(record.region),
        "route": _text(record.operation),
        **_model(record, answer),
        **_outcome(record, said, sum(len(part.images or ()) for part in answer)),
        "tokens_estimated": False,
        **_asked(record, answer),
        "stream": _text(record.operation) in STREAMS if record.operation else None,
        "finish_reason": _last(part.stopped or part.stop_reason for part in answer),
        "cache_layer": "none",
        "evidence_rank": RANK,
        "raw_usage": raw_usage(said),
        "attributes": _evidence(record),
    }


def _identity(record: Invocation, answer: list[Told], literal: bytes) -> Row:
    request = _text(record.request_id)
    made = request or f"content-{bytes_hash(literal)}"
    return {
        "request_key": f"bedrock:{made}",
        "request_id": next((said for part in answer if (said := _text(part.id))), made),
        "request_id_made": request is None,
        "provider_request_id": request,
    }


def _times(started: datetime, said: Mapping[str, Any]) -> Row:
    latency = first_number(said, ("metrics.latencyMs", "metrics.invocationLatency"))
    first = first_number(said, ("metrics.firstByteLatency",))
    known = latency is not None and latency >= 0
    return {
        "started_at": started,
        "ended_at": after(started, latency or Decimal(0), "metrics.latencyMs") if known else None,
        "latency_ms": float(latency or 0) if known else None,
        "ttft_ms": float(first) if first is not None and first >= 0 else None,
    }


def _model(record: Invocation, answer: list[Told]) -> Row:
    model = _text(record.model_id) or ""
    kind = next((kind for named, kind in KINDS if named.search(model)), "chat")
    return {
        "model_requested": model,
        "model_routed": model,
        "model_served": next((said for part in answer if (said := _text(part.model))), None),
        "deployment_id": model if OWN_MODEL.match(model) else None,
        "operation": "image" if any(part.images for part in answer) else kind,
    }


def _outcome(record: Invocation, said: Mapping[str, Any], images: int) -> Row:
    error = _text(record.error_code)
    code = first_count({"status": record.status}, ("status",)) if error and record.status else None
    meters = token_meters(said, images)
    if error and error not in MAY_HAVE_RUN and meters["provider_total_tokens"] is None:
        meters = nothing_billed()
    return {
        **meters,
        "status": "error" if error else "success",
        "http_status": (code if code and 100 <= code <= 599 else ERRORS.get(error or "")),
        "error_class": error,
    }


def _asked(record: Invocation, answer: list[Told]) -> Row:
    asked = asked_of(record)
    served = served_tier(_last(_tier(part.tier) or _tier(part.service_tier) for part in answer))
    if PROVISIONED in (_text(record.model_id) or ""):
        served = "provisioned"
    wished = served_tier(_tier(asked.service_tier) or _tier(asked.tier)) if not served else None
    most = {
        "converse": inner(asked.inference_config, "maxTokens"),
        "titan": inner(asked.text_generation_config, "maxTokenCount"),
        "claude": asked.max_tokens,
        "llama": asked.max_gen_len,
    }
    known = {name: value for name, value in most.items() if type(value) is int and value > 0}
    return {
        "service_tier": served,
        "service_tier_asked": wished,
        "max_tokens": first_count(known, tuple(most)),
    }


def _tier(value: Any) -> str | None:
    """Converse has an object of it."""
    return _text(inner(value, "type")) or _text(value)


def _arn(record: Invocation) -> str | None:
    who = record.identity
    return _text(inner(next(iter(who), None) if isinstance(who, list) else who, "arn"))


def _evidence(record: Invocation) -> Evidence:
    """The caller's `requestMetadata`, and who called: a role and its session, or a user."""
    metadata = record.request_metadata if isinstance(record.request_metadata, dict) else {}
    resource = (_arn(record) or "").rpartition(":")[2]
    kind, _, name = resource.partition("/")
    role, _, session = name.partition("/") if kind == "assumed-role" else ("", "", "")
    who = {"role": role, "session": session, "user": name if kind == "user" else ""}
    tags, labels = split_tags(*tag_places(metadata))
    flat = flatten(metadata, {"identity": {name: said for name, said in who.items() if said}})
    return attributes(tags, labels, {k: v for k, v in flat.items() if k not in TAG_NAMES}, {})


def _text(value: Any) -> str | None:
    return first_text({"": value}, ("",)) if value is not None else None


def _last(values: Any) -> str | None:
    said = [text for value in values if (text := _text(value))]
    return said[-1] if said else None
