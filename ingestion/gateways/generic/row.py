"""One record of a company's own log as one row of the requests contract."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.gateways.access_logs.usage import MAY_HAVE_RUN
from ingestion.gateways.generic.choices import of_record
from ingestion.gateways.generic.columns import (
    COUNTS,
    GROUPS,
    METER_NAMES,
    NAMED,
    QUANTITIES,
    REQUIRED,
    TEXTS,
    TOKENS,
    Columns,
)
from ingestion.gateways.generic.paths import ABSENT, unfolded, value_at
from ingestion.gateways.generic.values import (
    is_empty,
    read_count,
    read_flag,
    read_moment,
    read_number,
    read_seconds,
    read_text,
)
from ingestion.gateways.spans.usage import nothing_billed
from ingestion.reading.attributes import Evidence, attributes, flatten
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.instants import after, plausible_end
from ingestion.reading.providers import canonical_provider, provider_of_model
from ingestion.reading.tags import TAG_NAMES, scalar_text, split_tags, tag_places
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.reading.usage.service_tiers import served_tier
from ingestion.reading.usage.token_counts import (
    UNKNOWN,
    CountNames,
    TokenCounts,
    disjoint_meters,
    fits,
)
from ingestion.reading.usage.token_proof import INCLUSIVE, proven_meters, whole_counts
from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS

RANK: Final = 1
ADVICE: Final = (
    ": set tokens_inclusive_of_cache, or another such option, to false if it leaves them out"
)
TIMED_OUT: Final = "timeout"
STATUSES: Final = {
    **dict.fromkeys(("", "ok", "success", "succeeded", "completed", "true"), "success"),
    **dict.fromkeys(("error", "failure", "failed", "fail", "false", TIMED_OUT), "error"),
    **dict.fromkeys(("cancelled", "canceled", "aborted", "client_closed"), "cancelled"),
}


FAILED: Final = ("error", "cancelled")


def generic_row(
    record: Mapping[str, Any], columns: Columns, source: str, identity: Callable[[], str]
) -> Row:
    """`identity` tells the record's place, for logs without request ids: equal lines are legal."""
    columns = of_record(columns, record)
    said = {
        field: value
        for field, column in columns.sources.items()
        if not is_empty(value := value_at(record, column))
    }
    row = _scalars(said, columns)
    row |= _outcome(row)
    _require(row, said, record, columns)
    row |= _times(said, columns)
    row |= _meters(row, said, record, columns)
    request = row.get("request_id") or _made_id(identity())
    row["request_id_made"] = not row.get("request_id")
    row["request_id"] = request
    row["request_key"] = f"{key_before(source)}{request}{key_after(row)}"
    row.setdefault("user_id", row.get("customer_id"))
    model = row.get("model_routed") or row["model_requested"]
    row["provider"] = canonical_provider(
        row.get("provider") or columns.provider
    ) or provider_of_model(model)
    row["evidence_rank"] = RANK
    row["raw_usage"] = _raw_usage(said, columns)
    row["attributes"] = _attributes(said, columns)
    return row


def key_before(source: str) -> str:
    """What stands before the request's id in its key."""
    return f"generic:{source}:"


def key_after(row: Row) -> str:
    return f":{row['attempt_no']}" if row.get("attempt_no") else ""


def _made_id(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def day_of(record: Mapping[str, Any], columns: Columns) -> date | None:
    """The UTC day of a record that cannot be read, where its time can."""
    column = of_record(columns, record).sources["started_at"]
    try:
        return read_moment(value_at(record, column), column, columns).date()
    except Unreadable:
        return None


def _scalars(said: Mapping[str, Any], columns: Columns) -> Row:
    row: Row = {}
    for field, value in said.items():
        column = columns.sources[field]
        if field in TEXTS:
            row[field] = read_text(value, column)
        elif field in COUNTS:
            read = read_seconds if field.endswith("_seconds_quantity") else read_count
            row[field] = read(value, column)
        elif field in ("stream", "tokens_estimated"):
            row[field] = read_flag(value, column)
        elif field == "gateway_cost":
            row[field] = read_number(value, column).quantize(PICO)
    row.setdefault("tokens_estimated", False)
    row["service_tier"] = served_tier(row.get("service_tier"), row.pop("speed", None))
    return row


def _require(
    row: Row, said: Mapping[str, Any], record: Mapping[str, Any], columns: Columns
) -> None:
    for name in REQUIRED:
        field = NAMED[name]
        column = columns.sources[field]
        # what is counted in pieces may have no tokens at all, nor has what failed
        is_count = field in ("input_quantity", "output_quantity")
        may_lack = is_count and (row["status"] in FAILED or said.keys() & METER_NAMES.values())
        if field in said or may_lack:
            continue
        if field == "model_requested" and (row.get("model_routed") or row.get("model_served")):
            row[field] = row.get("model_routed") or row["model_served"]
            continue
        if value_at(record, column) is not ABSENT:
            raise Unreadable(column, "empty")
        advice = f"columns: {{{name}: <what the log calls it>}}"
        raise Unreadable(column, "no such column: name it under `columns`", option=advice)


def _times(said: Mapping[str, Any], columns: Columns) -> Row:
    started = read_moment(said["started_at"], columns.sources["started_at"], columns)
    times: Row = {"started_at": started, "ended_at": None}
    for field, unit in (("latency", columns.latency_unit_ms), ("latency_ms", 1), ("ttft_ms", 1)):
        if field in said:
            latency = read_number(said[field], columns.sources[field]) * unit
            if latency < 0:
                raise Unreadable(columns.sources[field], "negative", value=shown(said[field]))
            times["ttft_ms" if field == "ttft_ms" else "latency_ms"] = float(latency)
            if field != "ttft_ms":
                times["ended_at"] = after(started, latency, columns.sources[field])
    if "ended_at" in said:
        column = columns.sources["ended_at"]
        ended = read_moment(said["ended_at"], column, columns)
        times["ended_at"] = plausible_end(started, ended, column)
    return times


def _meters(row: Row, said: Mapping[str, Any], record: Mapping[str, Any], columns: Columns) -> Row:
    """The counts of the log, which `_scalars` read, replaced by disjoint meters.

    A total that nobody mapped refuses no record, but where it proves which parts stand beside
    input and output, it is believed.
    """
    counts = TokenCounts(
        **{meter: row.pop(f"{meter}_quantity", None) for meter in TOKEN_METERS},
        total=row.pop("total_tokens", None),
        cache_write=row.pop("cache_write_tokens", None),
        reasoning=row.pop("reasoning_tokens", None),
    )
    sources = columns.sources
    names = CountNames(
        input=sources["input_quantity"],
        output=sources["output_quantity"],
        total=sources.get("total_tokens", sources["input_quantity"]),
        advice=ADVICE,
    )
    others = {quantity: row.get(quantity) or 0 for quantity in QUANTITIES}
    is_told = any(others.values()) or any(
        count is not None for count in (counts.input, counts.output, counts.cache or None)
    )
    if row["status"] in FAILED and not is_told:
        return _of_a_failure(row, said)
    hinted = replace(counts, total=_hinted_total(record, columns)) if columns.totals else counts
    if hinted.total and not fits(hinted, columns.semantics):
        proven = whole_counts(hinted, columns.semantics)
        if proven is not None:
            return others | disjoint_meters(proven, INCLUSIVE, names)
    return others | proven_meters(counts, columns.semantics, names)


def _of_a_failure(row: Row, said: Mapping[str, Any]) -> Row:
    """Nothing was used, unless a provider may have run it whatever the client got."""
    timed_out = str(said.get("status")).lower() == TIMED_OUT
    if row["status"] == "error" and row["http_status"] not in MAY_HAVE_RUN and not timed_out:
        return nothing_billed()
    return dict(UNKNOWN) | dict.fromkeys(QUANTITIES)


def _hinted_total(record: Mapping[str, Any], columns: Columns) -> int | None:
    for column in columns.totals:
        value = value_at(record, column)
        if not is_empty(value):
            try:
                return read_count(value, column)
            except Unreadable:
                return None
    return None


def _outcome(row: Row) -> Row:
    """Words and HTTP codes; a word that nobody knows stays, as it is no success."""
    word = row.get("status", "").lower()
    code = int(word) if word.isdecimal() and len(word) == 3 else row.get("http_status")
    status = STATUSES.get(word) or word
    if code is not None and (word.isdecimal() or not word):
        status = "cancelled" if code == 499 else "error" if code >= 400 else "success"
    return {"status": status, "http_status": code}


def _raw_usage(said: Mapping[str, Any], columns: Columns) -> str:
    fields = (*QUANTITIES, *TOKENS)
    counts = {columns.sources[field]: str(said[field]) for field in fields if field in said}
    return msgspec.json.encode(counts, order="sorted").decode()


def _attributes(said: Mapping[str, Any], columns: Columns) -> Evidence:
    """What a column is named for goes before what stands in the columns `tags` and `metadata`."""
    groups: dict[str, dict[str, str]] = {group: {} for group in GROUPS}
    for field, value in said.items():
        group, _, key = field.partition(":")
        if key and (text := _first_text(value)):
            groups[group][key.lower()] = text
    metadata = _plain(said.get("metadata"))
    tags, labels = split_tags(_plain(said.get("tags")), *tag_places(metadata))
    flat = flatten(metadata, leave_out=TAG_NAMES)
    # what a person has given a column of its own is named
    mapped = frozenset(f"{group}:{key}" for group, said in groups.items() for key in said)
    return attributes(
        tags | groups["tag"],
        labels,
        flat | groups["metadata"],
        groups["header"],
        mapped=mapped,
    )


def _first_text(value: Any) -> str | None:
    """Of a list its first; None for what is no short value."""
    value = unfolded(value)
    first = next(iter(value), None) if isinstance(value, list) else value
    return scalar_text(str(first) if isinstance(first, Decimal) else first)


def _plain(value: Any) -> Any:
    """With exact numbers as texts, as attributes hold them."""
    return msgspec.to_builtins(unfolded(value))
