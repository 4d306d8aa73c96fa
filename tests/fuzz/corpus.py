"""Real samples that are mutated: what LiteLLM and tracers wrote, in-house logs, pages of bills."""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.ingestion.gateways import litellm_logs

FIXTURES = Path(__file__).parents[1] / "ingestion" / "gateways" / "fixtures"
TRACES = FIXTURES / "traces"
SPENDLOGS = FIXTURES / "litellm-1.110.2" / "pg_spendlogs.csv.gz"
BILLS = Path(__file__).parents[2] / "data" / "sample" / "bills"
RECORD: dict[str, Any] = {
    "timestamp": "2026-10-05T10:00:00Z",
    "model_name": "gpt-4o",
    "input_token_count": 100,
    "output_token_count": 5,
    "cached_tokens": 10,
    "latency": 120.5,
    "cost": "0.0123",
    "request_id": "r-1",
    "session_id": "s-1",
    "user_id": "c-1",
    "feature_tag": "search",
    "status": "ok",
    "tags": ["team:search", "env:prod"],
    "metadata": {"customer_tier": "pro", "nested": {"deep": ["one", "two"]}},
}
NESTED: dict[str, Any] = {
    **{name: RECORD[name] for name in ("timestamp", "model_name", "metadata")},
    "id": "log-1",
    "response": {
        "id": "chatcmpl-1",
        "choices": [{"finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105},
    },
}
FLAT = {name: value for name, value in RECORD.items() if not isinstance(value, list | dict)}


@dataclass(frozen=True)
class Sample:
    """`records`: JSON to change by structure; `data`: what a file of it looks like."""

    source: str  # the gateway or bill that reads it
    ending: str
    data: bytes
    records: tuple[Any, ...] = ()


def samples() -> list[Sample]:
    objects = list(litellm_logs.objects().values())
    rows = litellm_logs.spendlogs()
    return [
        *(Sample("litellm", "json", json.dumps(each).encode(), (each,)) for each in objects),
        Sample("litellm", "jsonl", _lines(objects[:8]), tuple(objects[:8])),
        Sample("litellm", "jsonl", _lines(rows[:8]), tuple(rows[:8])),
        Sample(
            "litellm",
            "csv",
            b"".join(gzip.decompress(SPENDLOGS.read_bytes()).splitlines(keepends=True)[:4]),
        ),
        Sample("litellm", "json", json.dumps({"data": rows[:3], "total": 3}).encode()),
        Sample("generic", "jsonl", _lines([RECORD] * 5), (RECORD,) * 5),
        Sample("generic", "csv", _csv([FLAT] * 5)),
        Sample("generic", "parquet", _parquet([RECORD] * 5)),
        Sample("generic_paths", "jsonl", _lines([NESTED] * 5), (NESTED,) * 5),
        Sample("generic_paths", "parquet", _parquet([NESTED] * 5)),
        *_spans("openllmetry-0.62.4"),
        *_spans("pydantic-ai-2.68.0"),
        *_spans("litellm-1.110.2-callback-langfuse"),
        *_phoenix(),
        *_records("bedrock_invocations", "invocations.jsonl"),
        *_langsmith("langsmith-sdk-0.15.1"),
        *_langsmith("litellm-1.110.2-callback-langsmith"),
        *_records("claude_code", "events.jsonl"),
        *_records("cloudflare", "logs.json"),
        *_records("cloudflare", "events.jsonl"),
        *_records("claude_code", "session.jsonl"),
        *_records("agentgateway", "requests.jsonl"),
        *_records("envoy", "access.jsonl"),
        *_records("kong", "entries.jsonl"),
        *_records("codex", "events.jsonl"),
        *_records("codex", "rollout-main.jsonl"),
        *_records("codex", "rollout-subagent.jsonl"),
        *_records("codex", "rollout-records.jsonl"),
        *_records("datadog", "spans.jsonl"),
        *_records("datadog", "posts.jsonl"),
        *_records("openrouter", "generations.jsonl"),
        *_records("helicone", "requests.jsonl"),
        *_records("helicone", "request_response_rmt.jsonl"),
        _helicone_csv(),
        *_records("azure_apim", "logs.jsonl"),
        *_records("azure_diagnostics", "logs.jsonl"),
        *_records("vertex_logs", "rows.jsonl"),
        *_records("bifrost", "logs.jsonl"),
        *_records("portkey", "logs.jsonl"),
        *_portkey_feed(),
        *_records("vllm", "query_range.json"),
        Sample("vllm", "prom", _timed_scrape()),
        *_langfuse(),
        *_pages("openai"),
        *_pages("anthropic"),
    ]


def _spans(tool: str) -> list[Sample]:
    """A line of spans each, as lines and in the frames of a collector's file."""
    lines = gzip.decompress((TRACES / tool / "spans.otlp.jsonl.gz").read_bytes()).splitlines()[:4]
    framed = b"".join(
        len(packed).to_bytes(4, "big") + packed for packed in map(zstandard.compress, lines)
    )
    records = tuple(map(json.loads, lines))
    return [
        *(
            Sample("otel", "json", line, (record,))
            for line, record in zip(lines, records, strict=True)
        ),
        Sample("otel", "jsonl", b"\n".join(lines), records),
        Sample("otel", "bin", framed),
    ]


def _phoenix() -> list[Sample]:
    folder = TRACES / "phoenix-20.26.1"
    page = json.loads(gzip.decompress((folder / "spans_rest.jsonl.gz").read_bytes()))
    frame = gzip.decompress((folder / "spans_dataframe.csv.gz").read_bytes())
    return [
        Sample("phoenix", "jsonl", _lines(page["data"][:8]), tuple(page["data"][:8])),
        Sample("phoenix", "json", json.dumps(page | {"data": page["data"][:3]}).encode(), (page,)),
        Sample("phoenix", "csv", frame),
        Sample("phoenix", "parquet", (folder / "spans_dataframe.parquet").read_bytes()),
    ]


def _records(log_format: str, fixture: str) -> list[Sample]:
    """Lines of a record each, together and alone."""
    data = (FIXTURES / log_format / fixture).read_bytes()
    records = tuple(map(json.loads, data.splitlines()))
    return [
        Sample(log_format, "jsonl", data, records),
        *(Sample(log_format, "json", json.dumps(each).encode(), (each,)) for each in records),
    ]


def _helicone_csv() -> Sample:
    lines = (FIXTURES / "helicone" / "request_response_rmt.jsonl").read_bytes().splitlines()
    rows = [
        {name: json.dumps(said) if isinstance(said, dict) else said for name, said in each.items()}
        for each in map(json.loads, lines)
    ]
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return Sample("helicone", "csv", sink.getvalue().encode())


def _portkey_feed() -> list[Sample]:
    """Its beginning as it was saved, and records of it as lines."""
    file = TRACES / "portkey-gateway-1.15.2" / "log_stream.sse.gz"
    feed = b"".join(gzip.decompress(file.read_bytes()).splitlines(keepends=True)[:24])
    records = [json.loads(line[6:]) for line in feed.splitlines() if line.startswith(b"data: {")]
    return [
        Sample("portkey", "sse", feed),
        Sample("portkey", "jsonl", _lines(records), tuple(records)),
    ]


def _timed_scrape() -> bytes:
    """Each sample with its own time."""
    lines = (FIXTURES / "vllm" / "scrape.prom").read_text().splitlines()
    return "".join(
        f"{line}\n" if line.startswith("#") else f"{line} 1791194700000\n" for line in lines
    ).encode()


def _langsmith(tool: str) -> list[Sample]:
    """Lines, a page, and the Parquet of a bulk export, where objects are texts."""
    data = gzip.decompress((TRACES / tool / "runs.jsonl.gz").read_bytes())
    runs = [*map(json.loads, data.splitlines()[:8])]
    rows = [
        {name: json.dumps(each) if isinstance(each, dict) else each for name, each in run.items()}
        for run in runs
    ]
    page = {"runs": runs[:3], "cursors": {"next": None}}
    return [
        Sample("langsmith", "jsonl", _lines(runs), tuple(runs)),
        Sample("langsmith", "json", json.dumps(page).encode(), (page,)),
        Sample("langsmith", "parquet", _parquet(rows)),
    ]


def _langfuse() -> list[Sample]:
    folder = TRACES.parent / "langfuse"
    lines = (folder / "observations.jsonl").read_bytes() + (folder / "traces.jsonl").read_bytes()
    records = tuple(map(json.loads, lines.splitlines()))
    page = {"data": list(records[:3]), "meta": {"page": 1, "totalPages": 1}}
    # objects and numbers stand in cells as JSON
    cells = [
        {name: said if isinstance(said, str) else json.dumps(said) for name, said in each.items()}
        for each in records[:8]
    ]
    return [
        *(Sample("langfuse", "json", json.dumps(each).encode(), (each,)) for each in records),
        Sample("langfuse", "jsonl", lines, records),
        Sample("langfuse", "json", json.dumps(page).encode(), (page,)),
        Sample("langfuse", "parquet", _parquet(cells)),
    ]


def _pages(provider: str) -> list[Sample]:
    """Small ones: the first bucket of each saved page."""
    found = []
    for file in sorted((BILLS / provider).glob("*-01.json")):
        page = json.loads(file.read_bytes())
        page |= {"data": page["data"][:1], "has_more": False, "next_page": None}
        found.append(Sample(provider, "json", json.dumps(page).encode(), (page,)))
    return found


def _lines(records: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


def _csv(records: list[dict[str, Any]]) -> bytes:
    lines = [",".join(records[0]), *(",".join(map(str, each.values())) for each in records)]
    return "\n".join(lines).encode()


def _parquet(records: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), sink)
    return sink.getvalue()
