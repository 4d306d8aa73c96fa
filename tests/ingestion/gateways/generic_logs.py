"""In-house logs in every container, and reading them."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.generic import reader as generic
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

HEADER = (
    "timestamp,user_id,session_id,feature_tag,model_name,input_token_count,"
    "output_token_count,latency"
)
SAMPLE = "2026-05-01T10:00:00Z,u-123,s-9,search-answer,gpt-4o,412,96,1150"
NAMES = HEADER.split(",")


def read(data: bytes | str, **options: Any) -> Parsed:
    raw = data.encode() if isinstance(data, str) else data
    return generic.read_object(raw, "log.csv", Gateway("proxy", "generic", "/logs", options))


def one(data: bytes | str, **options: Any) -> Row:
    parsed = read(data, **options)
    assert parsed.rejects == []
    (row,) = parsed.rows["requests"]
    return row


def csv_of(**values: str) -> str:
    """The sample line with some columns changed or added."""
    row = dict(zip(NAMES, SAMPLE.split(","), strict=True)) | values
    return ",".join(row) + "\n" + ",".join(row.values())


RECORDS = [
    {
        "timestamp": "2026-05-01T10:00:00Z",
        "user_id": "u-123",
        "session_id": None,
        "feature_tag": "",
        "model_name": "gpt-4o",
        "input_token_count": 412,
        "output_token_count": 96,
        "latency": 1150.5,
        "cost": 0.1,
    }
    for _ in range(3)
]


def parquet(records: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), sink)
    return sink.getvalue()
