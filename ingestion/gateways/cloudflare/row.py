"""One log of Cloudflare's AI Gateway as one row of the requests contract.

Each step of a chain of fallbacks is a log of its own. The API's names stand before Logpush's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ingestion.gateways.access_logs.operations import operation_of
from ingestion.gateways.access_logs.times import moment, taken
from ingestion.gateways.access_logs.usage import (
    claimed_cost,
    http_status,
    outcome,
    raw_usage,
    token_meters,
)
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.gateways.spans.values import first_count, first_flag, first_number, first_text
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.providers import canonical_provider
from ingestion.reading.tags import TAG_NAMES, json_value, split_tags, tag_places
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.raw_usage import with_spared
from ingestion.reading.usage.token_counts import CountNames, TokenCounts
from ingestion.records import Row

RANK: Final = 1
EXPECTED: Final = (
    "no log of Cloudflare's AI Gateway: expected `created_at`, `provider` and `model`, or Logpush's"
    " `Timestamp`, `Provider` and `Model`"
)
TIME: Final = ("created_at", "Timestamp")
INPUT: Final = ("tokens_in", "Metrics.tokensIn", "Metrics.tokens_in")
OUTPUT: Final = ("tokens_out", "Metrics.tokensOut", "Metrics.tokens_out")
COST: Final = ("cost", "Metrics.cost")
DURATION: Final = ("duration", "Metrics.durationMs")
MODEL: Final = ("model", "Model")
PROVIDER: Final = ("provider", "Provider")
NAMES: Final = CountNames(INPUT[0], OUTPUT[0], INPUT[0])
METRICS: Final = "Metrics"
MONEY: Final = "cost"
UNKNOWN: Final = "unknown"
RATE_LIMITED: Final = 429
STREAM: Final = "text/event-stream"


def log_row(record: Mapping[str, Any], literal: bytes) -> Row:
    """Raises Unreadable; where its time can be read, with the day."""
    said = {**record, **{f"{METRICS}.{name}": value for name, value in _metrics(record).items()}}
    if first_text(said, PROVIDER) is None and first_text(said, MODEL) is None:
        raise Unreadable(None, EXPECTED)
    started = _started(said)
    try:
        return _row(said, literal, started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _row(said: Mapping[str, Any], literal: bytes, started: datetime) -> Row:
    hit = first_flag(said, ("cached", "Cached")) is True
    ends = _outcome(said, nothing_billed() if hit else _meters(said))
    provider = first_text(said, PROVIDER)
    path = first_text(said, ("path", "Endpoint"))
    step = first_count(said, ("step",))
    content_type = first_text(said, ("response_content_type",))
    return {
        **_identity(said, literal),
        "call_id": first_text(said, ("event_id",)),
        **taken(started, said, DURATION),
        "deployment_id": provider,
        "provider": canonical_provider(None if provider == UNKNOWN else provider),
        "operation": operation_of(path, first_text(said, MODEL)),
        "route": path,
        **_models(said),
        **ends,
        "tokens_estimated": False,
        "stream": content_type.startswith(STREAM) if content_type else None,
        "attempt_no": step + 1 if step is not None else None,
        "attempt_role": "fallback" if step else None,
        "cache_layer": "gateway_exact" if hit else "none",
        "gateway_cost": claimed_cost(first_number(said, COST), ends),
        "evidence_rank": RANK,
        "raw_usage": _raw_usage(said, hit=hit),
        "attributes": _evidence(said),
    }


def _metrics(record: Mapping[str, Any]) -> Mapping[str, Any]:
    metrics = record.get(METRICS)
    return metrics if isinstance(metrics, dict) else {}


def _started(said: Mapping[str, Any]) -> datetime:
    name = TIME[0] if TIME[0] in said else TIME[1]
    try:
        return moment(said.get(name), name)
    except Unreadable as refusal:
        if name == TIME[1]:
            refusal.option = "name `Timestamp` among the fields of the Logpush job"
        raise


def _identity(said: Mapping[str, Any], literal: bytes) -> Row:
    """Logpush has no id. What is encrypted has a key of its own, so that equal lines are one event;
    without it they may be two.
    """
    request = first_text(said, ("id",))
    is_encrypted = any(_is_encrypted(value) for value in said.values())
    made = request or f"content-{bytes_hash(literal)}"
    return {
        "request_key": f"cloudflare:{made}",
        "request_id": made,
        "request_id_made": request is None and not is_encrypted,
    }


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("data"), str)


def _models(said: Mapping[str, Any]) -> Row:
    model = first_text(said, MODEL)
    return {
        "model_requested": first_text(said, ("RequestedModel",)) or model,
        "model_routed": model,
    }


def _meters(said: Mapping[str, Any]) -> Row:
    counts = TokenCounts(input=first_count(said, INPUT), output=first_count(said, OUTPUT))
    return token_meters(counts, NAMES)


def _outcome(said: Mapping[str, Any], meters: Row) -> Row:
    code = http_status(first_count(said, ("status_code", "StatusCode")))
    limited = first_flag(said, ("RateLimited",)) is True
    if code is None and limited:
        code = RATE_LIMITED
    failed = limited or first_flag(said, ("success",)) is False or (code or 200) >= 400
    return outcome(code, meters, failed=failed)


def _raw_usage(said: Mapping[str, Any], *, hit: bool) -> str | None:
    """Its cost is the gateway's and no provider's, and stands in a column of its own."""
    metrics = {name: value for name, value in _metrics(said).items() if name != MONEY}
    counts = {name: said.get(name) for name in (INPUT[0], OUTPUT[0])}
    logged = raw_usage(counts | ({METRICS: metrics} if metrics else {}))
    return with_spared(logged, lambda: _meters(said)) if hit else logged


def _evidence(said: Mapping[str, Any]) -> Evidence:
    """What callers gave in `cf-aig-metadata`: an object, or JSON in a text."""
    told = next((each for name in ("metadata", "Metadata") if (each := said.get(name))), None)
    metadata = json_value(told) if isinstance(told, str) else told
    if not isinstance(metadata, dict) or _is_encrypted(metadata):
        metadata = {}
    tags, labels = split_tags(*tag_places(metadata))
    flat = flatten(metadata, {"gateway": said.get("Gateway")}, leave_out=TAG_NAMES)
    return attributes(tags, labels, flat, {})
