"""Log objects as LiteLLM writes them, of one call each, with what a case changes."""

import json
from datetime import datetime
from typing import Any, Final

from ingestion.gateways.litellm import reader as litellm
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

GATEWAY: Final = Gateway("gw", "litellm", "/logs", {})
MODEL: Final = "gpt-4o-2024-08-06"


def logged(
    name: str,
    at: str = "2026-10-08T10:00:00Z",
    counted: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """`counted` is the usage object; prompt and completion tokens repeat it, as LiteLLM does."""
    counts = counted or {"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000}
    started = datetime.fromisoformat(at).timestamp()
    return {
        "id": name,
        "litellm_call_id": f"call-{name}",
        "trace_id": f"trace-{name}",
        "call_type": "acompletion",
        "cache_hit": None,
        "stream": False,
        "status": "success",
        "custom_llm_provider": "openai",
        "startTime": started,
        "endTime": started + 1.5,
        "completionStartTime": started + 1.5,
        "model": MODEL,
        "model_group": MODEL,
        "model_id": "dep-1",
        "response_cost": 0.001,
        "prompt_tokens": counts.get("prompt_tokens"),
        "completion_tokens": counts.get("completion_tokens"),
        "total_tokens": counts.get("total_tokens"),
        "request_tags": [],
        "end_user": None,
        "response": {"text": "redacted-by-litellm"},
        "model_parameters": {},
        "hidden_params": {},
        "error_str": None,
        **fields,
        "metadata": {"user_api_key_hash": "h-1", "usage_object": counts, **(metadata or {})},
    }


def read(*records: dict[str, Any]) -> Parsed:
    return litellm.read_object("\n".join(map(json.dumps, records)).encode(), "a.jsonl", GATEWAY)


def rows(*records: dict[str, Any]) -> list[Row]:
    parsed = read(*records)
    assert parsed.rejects == []
    return parsed.rows["requests"]
