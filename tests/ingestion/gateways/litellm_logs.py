"""The real LiteLLM logs of the fixtures, and reading them."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

from ingestion.gateways.litellm import reader as litellm
from ingestion.records import NO_REQUEST, Parsed, Row
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "litellm-1.106.2"
GATEWAY = Gateway("litellm_prod", "litellm", "/logs", {})


@cache
def _lines(name: str) -> tuple[str, ...]:
    packed = (FIXTURES / name).read_bytes()
    return tuple(zstandard.ZstdDecompressor().decompress(packed).decode().splitlines())


def objects() -> dict[str, dict[str, Any]]:
    """A fresh copy of every object by its real key."""
    return {line["key"]: line["object"] for line in map(json.loads, _lines("objects.jsonl.zst"))}


def batches() -> dict[str, bytes]:
    found = map(json.loads, _lines("batches.jsonl.zst"))
    return {line["key"]: line["text"].encode() for line in found}


def spendlogs(of: str = "llm-gateway-logs") -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(f"spendlogs.{of}.jsonl.zst")]


def named(at: str) -> dict[str, Any]:
    """The object whose key has this time."""
    return next(logged for key, logged in objects().items() if f"time-{at}" in key)


def read(data: bytes, name: str = "time-00-00-00-000000_x.json") -> Parsed:
    return litellm.read_object(data, name, GATEWAY)


def row(logged: dict[str, Any]) -> Row:
    parsed = read(json.dumps(logged).encode())
    assert parsed.rejects == []
    return parsed.rows["requests"][0]


def rows(logged: Iterable[dict[str, Any]]) -> list[Row]:
    """Rows of one NDJSON object."""
    parsed = read("\n".join(map(json.dumps, logged)).encode())
    assert parsed.rejects == []
    return rows_of(parsed)


def rows_of(parsed: Parsed) -> list[Row]:
    """Those by themselves and those in columns, in the order of their records."""
    found = list(parsed.rows["requests"])
    for table in parsed.requests:
        found += [NO_REQUEST | row for row in table.to_pylist()]
    return sorted(found, key=lambda row: row["record_no"])


def rows_by_time() -> dict[str, Row]:
    """The row of every object by the time in its real key."""
    logged = objects()
    times = (key.partition("time-")[2][:15] for key in logged)
    return dict(zip(times, rows(logged.values()), strict=True))


def without(found: Iterable[Row], *columns: str) -> list[Row]:
    return [{k: v for k, v in one.items() if k not in columns} for one in found]
