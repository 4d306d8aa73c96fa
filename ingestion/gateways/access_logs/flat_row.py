"""One line of a flat log, whose fields operators choose, as a row of the requests contract."""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.access_logs.fields import COUNTS, GROUPS, MODELS, TEXTS, Dialect
from ingestion.gateways.access_logs.operations import OPERATION_NAMES, operation_of
from ingestion.gateways.access_logs.times import ended, moment, taken
from ingestion.gateways.access_logs.usage import (
    CANCELLED,
    claimed_cost,
    http_status,
    outcome,
    raw_usage,
    token_meters,
)
from ingestion.gateways.spans.providers import CONVENTIONS
from ingestion.gateways.spans.values import (
    first_count,
    first_flag,
    first_number,
    first_said,
    first_text,
)
from ingestion.reading.attributes import HTTP_HEADERS, Evidence, attributes, flatten
from ingestion.reading.collecting import bytes_hash
from ingestion.reading.providers import canonical_provider, provider_of_host, provider_of_model
from ingestion.reading.tags import split_tags, tag_places
from ingestion.reading.unreadable import Unreadable
from ingestion.reading.usage.token_counts import CountNames, TokenCounts
from ingestion.records import Row

RANK: Final = 1
NOTHING: Final = (None, "", "-")
HEADER: Final = "x-"
# Envoy's flags of what broke off, after which nobody knows what a provider ran: by the client, by a
# timeout, by the upstream.
CLIENT_WENT: Final = frozenset(("DC", "DPE", "DR", "DownstreamConnectionTermination"))
BROKEN: Final = frozenset(("UT", "UC", "UR", "SI", "DT", "UMSDR", "UPE"))


def flat_rows(record: Mapping[str, Any], dialect: Dialect, literal: bytes) -> list[Row]:
    """Empty for a line of no model. Raises Unreadable; where its time can be read, with the day."""
    said = {name: value for name, value in record.items() if value not in NOTHING}
    times = (*dialect.read("started_at"), *dialect.read("ended_at"))
    told = first_said(said, times)
    if not any(first_text(said, dialect.read(model)) for model in MODELS):
        if told is None:
            raise Unreadable(None, dialect.expected)
        if not any(first_said(said, dialect.read(count)) for count in COUNTS):
            return []
    name, value = told or (times[0], None)
    dated = moment(value, name)
    try:
        is_start = name in dialect.read("started_at")
        row = _row(said, dialect, literal)
        row |= (taken if is_start else ended)(dated, said, dialect.read("latency_ms"))
    except Unreadable as refusal:
        refusal.day = dated.date()
        raise
    return [row]


def _row(said: Mapping[str, Any], dialect: Dialect, literal: bytes) -> Row:
    def text(field: str) -> str | None:
        return first_text(said, dialect.read(field))

    models = {model: text(model) for model in MODELS}
    named = models["model_routed"] or models["model_served"] or models["model_requested"]
    ends = _outcome(said, dialect)
    retries = first_count(said, dialect.read("retries"))
    first_token = first_number(said, dialect.read("ttft_ms"))
    return {
        **_identity(dialect, literal, text("request_id")),
        **{field: text(field) for field in TEXTS},
        "ttft_ms": float(first_token) if first_token is not None and first_token > 0 else None,
        "provider_request_id": text("provider_request_id"),
        "provider": _provider(said, dialect, named),
        "operation": OPERATION_NAMES.get(text("operation") or "")
        or operation_of(text("route"), named),
        **models,
        "model_requested": models["model_requested"] or named,
        **ends,
        "tokens_estimated": False,
        "stream": first_flag(said, dialect.read("stream")),
        "attempt_no": first_count(said, dialect.read("attempt_no"))
        if retries is None
        else retries + 1,
        "gateway_cost": claimed_cost(first_number(said, dialect.read("gateway_cost")), ends),
        "error_class": text("error_class"),
        "cache_layer": "none",
        "evidence_rank": RANK,
        "raw_usage": raw_usage(
            {name: said.get(name) for count in COUNTS for name in dialect.read(count)}
        ),
        "attributes": _evidence(said, dialect),
    }


def _identity(dialect: Dialect, literal: bytes, request: str | None) -> Row:
    made = request or f"content-{bytes_hash(literal)}"
    return {
        "request_key": f"{dialect.key}:{made}",
        "request_id": made,
        "request_id_made": request is None,
        "call_id": request,
    }


def _provider(said: Mapping[str, Any], dialect: Dialect, model: str | None) -> str | None:
    """By the host that was called, else as the log says, else by the model's family."""
    named = (first_text(said, dialect.read("provider")) or "").lower()
    hosts = (provider_of_host(first_text(said, (name,))) for name in dialect.read("host"))
    return (
        next(filter(None, hosts), None)
        or canonical_provider(CONVENTIONS.get(named, named) or None)
        or (provider_of_model(model) if model else None)
    )


def _outcome(said: Mapping[str, Any], dialect: Dialect) -> Row:
    parts = {part: first_count(said, dialect.read(field)) for field, part in COUNTS.items()}
    names = CountNames(
        *(_name(said, dialect, f) for f in ("input_quantity", "output_quantity", "total_tokens"))
    )
    code = http_status(first_count(said, dialect.read("http_status")))
    flags = set((first_text(said, dialect.read("flags")) or "").split(","))
    broken = not flags.isdisjoint(BROKEN)
    if not flags.isdisjoint(CLIENT_WENT):
        code, broken = CANCELLED, True
    failed = broken or (code or 200) >= 400
    return outcome(code, token_meters(TokenCounts(**parts), names), failed=failed, ran=broken)


def _name(said: Mapping[str, Any], dialect: Dialect, field: str) -> str:
    names = dialect.read(field)
    return next((name for name in names if name in said), names[0] if names else field)


def _evidence(said: Mapping[str, Any], dialect: Dialect) -> Evidence:
    """What is no field of the format is metadata under its own name, `x-…` a header."""
    groups: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
    read = {name for names in dialect.names.values() for name in names}
    for field, names in dialect.names.items():
        group, _, key = field.partition(":")
        if key and (value := first_text(said, names)) is not None:
            groups[group][key.lower()] = value
    mapped = frozenset(f"{group}:{key}" for group, named in groups.items() for key in named)
    others = {
        name: value
        for name, value in said.items()
        if name not in read | dialect.infrastructure and not name.startswith(dialect.prefixes)
    }
    headers = {name.lower(): v for name, v in others.items() if name.lower().startswith(HEADER)}
    metadata = {name: v for name, v in others.items() if name.lower() not in headers}
    tags, labels = split_tags(*tag_places(metadata))
    plain = {name: v for name, v in headers.items() if isinstance(v, str)}
    return attributes(
        tags | groups["tag"],
        labels,
        flatten(metadata, leave_out=HTTP_HEADERS) | groups["metadata"],
        plain | groups["header"],
        mapped=mapped,
    )
