"""Landed tables as Parquet: what has a dictionary there, and what a compressor."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import REQUESTS
from ingestion.reading.landed_text import VOCABULARY
from ingestion.vocabulary import METERS

# Ids, times and sums of a record's own: a dictionary of them is the column once more.
DISTINCT: Final = frozenset(
    (
        *("record_no", "content_hash", "request_key", "request_id", "call_id", "trace_id"),
        *("session_id", "provider_request_id", "started_at", "ended_at", "latency_ms", "ttft_ms"),
        *("input_quantity", "cache_read_quantity", "output_quantity", "provider_total_tokens"),
        *("gateway_cost", "raw_usage"),
    )
)
# Pages of a few words are small as they are: to set up a compressor for each costs more than all
# else of a small file.
FEW: Final = (
    VOCABULARY
    | frozenset(("source", "batch", "object_no", "account_hint", "sub_account_hint"))
    | frozenset(("credential_hint", "region", "attempt_no", "http_status", "evidence_rank"))
    | frozenset(("model_requested", "model_routed", "model_served", "model_mapped", "max_tokens"))
    | frozenset(column.name for column in REQUESTS if pa.types.is_boolean(column.type))
    | frozenset((*(f"{meter}_quantity" for meter in METERS), "reasoning_tokens"))
) - DISTINCT
COMPRESSION: Final = "zstd"


def as_parquet(table: str, rows: pa.Table) -> bytes:
    """`table` of the contract; rows may lack columns of it or have more, of another release."""
    sink = pa.BufferOutputStream()
    names = rows.schema.names
    written: dict[str, Any] = {"compression": COMPRESSION}
    if table == "requests":
        written = {
            "use_dictionary": [name for name in names if name not in DISTINCT],
            "compression": {name: "none" if name in FEW else COMPRESSION for name in names},
        }
    pq.write_table(rows, sink, **written)
    return sink.getvalue().to_pybytes()
