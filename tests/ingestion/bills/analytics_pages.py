"""Pages of Anthropic's analytics reports: rows with their own hour, largest first."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

GROUP: Final = (
    *("actor", "actor_type", "agent_id", "api_key_id", "claude_tag_category"),
    *("claude_tag_user_id", "context_window", "deployment_id", "environment_id", "inference_geo"),
    *("model", "organization_id", "product", "rbac_group_id", "service_tier", "session_id"),
    *("slack_channel_id", "speed", "user_profile_id", "workspace_id"),
)
MODEL: Final = "claude-opus-4-8"
# pull A and pull B, tokens of one key
A: Final = {
    "api_key_id": "apikey_a",
    "workspace_id": "wrkspc_1",
    "model": MODEL,
    "service_tier": "standard",
    "context_window": "0-200k",
    "cost_type": "tokens",
    "token_type": "uncached_input_tokens",
}
B: Final = {
    "api_key_id": "apikey_a",
    "workspace_id": "wrkspc_1",
    "model": MODEL,
    "inference_geo": "global",
    "speed": "standard",
    "cost_type": "tokens",
    "token_type": "uncached_input_tokens",
}
SEARCH: Final = {
    "api_key_id": "apikey_a",
    "workspace_id": "wrkspc_1",
    "model": MODEL,
    "cost_type": "web_search",
    "service_tier": None,
    "context_window": None,
    "token_type": None,
}

Row = dict[str, Any]


def _span(at: str, hours: int) -> Row:
    start = datetime.fromisoformat(at).replace(tzinfo=UTC)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    return {
        "starting_at": f"{start:{stamp}}",
        "ending_at": f"{start + timedelta(hours=hours):{stamp}}",
    }


def cost_row(at: str, cents: Any, group: Mapping[str, Any] = A, hours: int = 1, **more: Any) -> Row:
    """`at` as in 2026-10-13T10; `more` are group columns of this row."""
    names = (*GROUP, "cost_type", "token_type")
    keys = dict.fromkeys(names) | dict(group) | more
    cost = {"amount": cents, "list_amount": cents, "currency": "USD", "requests": None}
    return {**_span(at, hours), "group": keys, "cost": cost}


def usage_row(
    at: str,
    tokens: int,
    group: Mapping[str, Any] = A,
    searches: int = 0,
    requests: int = 1,
    **more: Any,
) -> Row:
    keys = dict.fromkeys(GROUP) | {n: v for n, v in (dict(group) | more).items() if n in GROUP}
    usage = {
        "uncached_input_tokens": tokens,
        "cache_read_input_tokens": 0,
        "output_tokens": 0,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "server_tool_use": {"web_search_requests": searches},
        "requests": requests,
        "total_tokens": tokens,
    }
    return {**_span(at, 1), "group": keys, "usage": usage}


def analytics_page(
    *rows: Row, more: str | None = None, refreshed: str | None = "2026-11-02T08:00:00Z"
) -> bytes:
    """`more` is the token of the next page."""
    page = {"data": list(rows), "has_more": more is not None, "next_page": more}
    return json.dumps(page | {"data_refreshed_at": refreshed}).encode()
