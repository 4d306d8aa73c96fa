"""An in-house proxy's log, whose columns are all that Tollbook's contract has."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call

METERS: Final = ("cache_write_5m", "cache_write_1h", "web_searches")
# Columns that the workspace names, beside those that are read by their names.
OPTIONS: Final = {
    "columns": {
        **{f"{meter}_quantity": meter for meter in METERS},
        "reasoning_tokens": "reasoning",
        "http_status": "code",
        "provider_request_id": "answer",
        "call_id": "call",
        "attempt_no": "attempt",
        "operation": "operation",
        "service_tier": "service",
        "stream": "streamed",
    }
}


def table(calls: Sequence[Call]) -> bytes:
    rows = [_row(call) for call in calls]
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue().encode()


def parquet(calls: Sequence[Call]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([_row(call) for call in calls]), sink)
    return sink.getvalue()


def _row(call: Call) -> dict[str, Any]:
    use: dict[str, Any] = dict.fromkeys(
        ("input_token_count", "output_token_count", "cached_tokens", *METERS, "reasoning")
    )
    if call.ending != UNTOLD:
        use = {
            "input_token_count": call.prompt,
            "output_token_count": call.of("output"),
            "cached_tokens": call.of("cache_read"),
            **{meter: call.of(meter) for meter in METERS},
            "reasoning": call.of("reasoning"),
        }
    return {
        "timestamp": call.started.isoformat(),
        "user_id": call.customer,
        "session_id": call.session,
        "feature_tag": call.feature,
        "team": call.team,
        "model_name": call.model.name,
        "latency": call.latency_ms,
        "provider": call.provider,
        "request_id": call.own_id("generic"),
        "status": "error" if call.ending == REFUSED else "ok",
        "code": call.http_status,
        "answer": None if call.ending == REFUSED else call.response_id,
        "call": call.call_id,
        "attempt": call.attempt,
        "operation": call.model.operation,
        "service": call.tier,
        "streamed": call.stream,
        **use,
    }
