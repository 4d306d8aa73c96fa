"""Runs as LangSmith exports them, by hand, and reading them."""

import io
import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.langsmith import reader as langsmith
from ingestion.records import Parsed, Row
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

TRACE = "01a221ce-0000-7000-8000-000000000000"
Run = dict[str, Any]
# Column of the Parquet that holds JSON.
TEXTS = ("inputs", "outputs", "extra", "events", "feedback_stats")


def run(number: int = 1, **fields: Any) -> Run:
    """`number` is the second in which it starts; it takes 1,150 ms."""
    return {
        "id": f"01a221ce-0000-7000-8000-{number:012x}",
        "trace_id": TRACE,
        "parent_run_id": TRACE,
        "session_id": "4e2f0d6c-0000-4000-8000-000000000001",
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": f"2026-05-01T10:00:{number - 1:02d}.000000",
        "end_time": f"2026-05-01T10:00:{number:02d}.150000",
        "status": "success",
        "error": None,
        "inputs": {"messages": [{"role": "user", "content": "a prompt"}]},
        "outputs": answer(number),
        "extra": {"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o"}},
        "events": [],
        "tags": ["feature:search"],
        "prompt_tokens": 3210,
        "completion_tokens": 188,
        "total_tokens": 3398,
        "total_cost": "0.009905",
        "first_token_time": None,
    } | fields


def answer(number: int, **details: Any) -> dict[str, Any]:
    usage = {"input_tokens": 3210, "output_tokens": 188, "total_tokens": 3398} | details
    return {
        "id": f"chatcmpl-{number}",
        "model": "gpt-4o-2024-08-06",
        "choices": [{"finish_reason": "stop", "message": {"content": "an answer"}}],
        "usage_metadata": usage,
    }


def lines(*runs: Run) -> bytes:
    return "\n".join(map(json.dumps, runs)).encode()


def parquet(*runs: Run, unit: str = "ns") -> bytes:
    """As a bulk export: objects are JSON, times have no zone, costs are decimals."""
    times = ("start_time", "end_time", "first_token_time")
    rows = [
        {name: json.dumps(each) if name in TEXTS else each for name, each in one.items()}
        | {name: datetime.fromisoformat(one[name]) if one[name] else None for name in times}
        for one in runs
    ]
    table = pa.Table.from_pylist(rows)
    for name in times:
        at = table.column_names.index(name)
        table = table.set_column(at, name, table[name].cast(pa.timestamp(unit)))
    at = table.column_names.index("total_cost")
    table = table.set_column(at, "total_cost", table["total_cost"].cast(pa.decimal128(20, 10)))
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def read(data: bytes, *places: str) -> Parsed:
    named = NamedPlaces(places=places)
    return langsmith.read_object(
        data, "runs", Gateway("traces", "langsmith", "/logs", {}, named=named)
    )


def one(**fields: Any) -> Row:
    parsed = read(lines(run(**fields)))
    assert parsed.rejects == []
    [row] = parsed.rows["requests"]
    return row
