"""Columns of the contract that own columns make: times, disjoint meters, the usage as logged."""

from collections.abc import Mapping
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import INSTANT, MONEY
from ingestion.gateways.generic.columns import QUANTITIES, TOKENS, Columns
from ingestion.gateways.generic.own_columns import (
    COUNTS,
    IDS,
    LATENCIES,
    OwnColumns,
    count_column,
    id_column,
    in_digits,
)
from ingestion.gateways.generic.own_moments import moment_column
from ingestion.gateways.generic.own_numbers import latency_column, money_column
from ingestion.gateways.generic.values import is_empty
from ingestion.reading.columns.number_columns import Numbers, as_column
from ingestion.reading.instants import LONGEST, LONGEST_MS
from ingestion.reading.usage.token_counts import (
    TokenCounts,
    logged_total,
    meters_of,
    unsplit,
    wholes,
)
from ingestion.vocabulary import TOKEN_METERS

_JSON: Final = msgspec.json.Encoder()


def own_columns(said: Mapping[str, pa.Array], columns: Columns, length: int) -> OwnColumns:
    own = OwnColumns(length)
    for name, column in said.items():
        source = columns.sources[name]
        if name in IDS:
            id_column(own, name, column, source)
        elif name in COUNTS:
            count_column(own, name, column, source)
        elif name in LATENCIES:
            unit = columns.latency_unit_ms if name == "latency" else 1
            latency_column(own, name, column, source, unit)
        elif name in ("started_at", "ended_at"):
            moment_column(own, name, column, source, columns)
        elif name == "gateway_cost":
            money_column(own, name, column, source)
    for name in ("request_id", "started_at", "input_quantity", "output_quantity"):
        own.refuse(own.columns[name].is_null())
    return own


def time_columns(own: OwnColumns) -> dict[str, pa.Array]:
    """As `row.py` has them: the latency in milliseconds after the other, the end after both."""
    started = own.columns["started_at"]
    ended = pa.nulls(own.length, INSTANT)
    latency = pa.nulls(own.length, pa.float64())
    for name in ("latency", "latency_ms"):
        if name in own.columns:
            said, micros = own.columns[name], own.columns[f"{name}_us"]
            own.refuse(pc.greater(said, float(LONGEST_MS)))
            after = pc.add(started, micros.cast(pa.duration("us")))
            latency, ended = pc.coalesce(said, latency), pc.coalesce(after, ended)
    if "ended_at" in own.columns:
        said = own.columns["ended_at"]
        own.refuse(pc.greater(pc.subtract(said, started), pa.scalar(LONGEST, pa.duration("us"))))
        ended = pc.coalesce(said, ended)
    return {
        "started_at": started,
        "ended_at": ended,
        "latency_ms": latency,
        "ttft_ms": own.columns.get("ttft_ms", pa.nulls(own.length, pa.float64())),
        "gateway_cost": own.columns.get("gateway_cost", pa.nulls(own.length, MONEY)),
    } | {name: own.columns[name] for name in IDS if name in own.columns}


def meter_columns(
    own: OwnColumns, said: Mapping[str, pa.Array], table: pa.Table, columns: Columns
) -> dict[str, pa.Array]:
    """Where the parts fit and a total, if any, is the literal one; all else is odd."""
    known = {
        name: Numbers(pc.fill_null(own.columns[name], 0)) for name in COUNTS if name in own.columns
    }
    counts = TokenCounts(
        **{meter: known.get(f"{meter}_quantity") for meter in TOKEN_METERS},  # type: ignore[arg-type]
        reasoning=known.get("reasoning_tokens"),  # type: ignore[arg-type]
    )
    for _, whole, parts in wholes(counts, columns.semantics):
        own.refuse(as_column(parts > whole, own.length))
    meters = meters_of(counts, columns.semantics)
    total = logged_total(counts, columns.semantics)
    literal = as_column(total, own.length)
    own.refuse(pc.not_equal(as_column(sum(meters.values()), own.length), literal))
    _refuse_other_totals(own, literal, table, columns)
    made = {name: as_column(number, own.length) for name, number in meters.items()}
    made["provider_total_tokens"] = literal
    made["reasoning_tokens"] = as_column(known.get("reasoning_tokens", 0), own.length)
    made["cache_ttl_assumed"] = as_column(unsplit(counts) > 0, own.length)
    made["raw_usage"] = _raw_usage(said, own, columns)
    return made


def _refuse_other_totals(
    own: OwnColumns, total: pa.Array, table: pa.Table, columns: Columns
) -> None:
    """A total that is not that of input and output may prove what stands beside them."""
    semantics = columns.semantics
    includes_all = semantics.total_includes_cache and semantics.total_includes_reasoning
    said = [table[name].combine_chunks() for name in columns.totals if name in table.column_names]
    if "total_tokens" in own.columns:
        said.append(own.columns["total_tokens"])
    for literal in map(in_digits, said):
        if not pa.types.is_integer(literal.type) or not includes_all:
            own.refuse(literal.is_valid())
        else:
            other = pc.not_equal(literal.cast(pa.int64(), safe=False), total)
            own.refuse(pc.and_(other, pc.not_equal(literal, 0)))


def _raw_usage(said: Mapping[str, pa.Array], own: OwnColumns, columns: Columns) -> pa.Array:
    """`{"<column>":"<count as logged>"}`, as `row.py` writes it."""
    counted = {
        columns.sources[field]: said[field] for field in (*QUANTITIES, *TOKENS) if field in said
    }
    parts = []
    for name, column in sorted(counted.items()):
        before = "," + _JSON.encode(name).decode() + ":"
        parts.append(pc.fill_null(pc.binary_join_element_wise(before, _written(column), ""), ""))
    joined = pc.binary_join_element_wise(*parts, "")
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")


def _written(column: pa.Array) -> pa.Array:
    """Each value as JSON's text; NULL where it is none."""
    if pa.types.is_integer(column.type):
        return pc.binary_join_element_wise('"', column.cast(pa.string()), '"', "")
    texts = [
        None if is_empty(value) else _JSON.encode(str(value)).decode()
        for value in column.to_pylist()
    ]
    return pa.array(texts, pa.string())
