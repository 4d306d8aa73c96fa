"""Bifrost's rows through the whole pipeline: a fallback is a leg, a cache's lookup a request."""

import json
from pathlib import Path
from typing import Any

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

SETTINGS = """\
company: Bifrost
gateways:
  - {name: bifrost, format: bifrost, location: logs}
"""
USAGE = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}


def row(number: str, second: int, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "timestamp": f"2026-10-05T10:00:{second:02d}Z",
        "object_type": "chat_completion",
        "provider": "openai",
        "model": "gpt-4o-2024-08-06",
        "status": "success",
        "token_usage": json.dumps(USAGE),
        "team_id": "search",
    } | said


def test_each_try_and_each_lookup_is_a_request(project: CompiledProject, tmp_path: Path) -> None:
    lookup = {"provider_used": "openai", "model_used": "text-embedding-3-small", "input_tokens": 7}
    rows = [
        row("a", 1, status="error", token_usage="", error_details='{"status_code": 429}'),
        row("b", 2, fallback_index=1, parent_request_id="a", provider="azure"),
        row("c", 3, cache_debug=json.dumps(lookup | {"cache_hit": True, "hit_type": "semantic"})),
        row("d", 4, cache_debug=json.dumps(lookup | {"cache_hit": False})),
        # exported again
        row("d", 4, cache_debug=json.dumps(lookup | {"cache_hit": False})),
    ]
    log = "\n".join(map(json.dumps, rows))
    company = Company(project, write_company(tmp_path, {"logs/rows.jsonl": log}, SETTINGS))
    assert company.query(
        "select request_id, call_id, provider, attempt_role, status, cache_layer,"
        " input_quantity, team from fct_requests order by all"
    ) == [
        ("a", "a", "openai", "primary", "error", "none", 0, "search"),
        ("b", "a", "azure", "fallback", "success", "none", 100, "search"),
        ("c", "c", "openai", "primary", "success", "semantic", 0, "search"),
        ("c/lookup", "c/lookup", "openai", None, "success", "none", 7, "search"),
        ("d", "d", "openai", "primary", "success", "none", 100, "search"),
        ("d/lookup", "d/lookup", "openai", None, "success", "none", 7, "search"),
    ]
