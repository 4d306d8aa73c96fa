"""Lines of OpenAI's costs in any unit, and Anthropic's cost and usage reports, of one day each."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.scenarios.companies import costs


def billed(
    day: str, words: str, amount: str, quantity: float | None, unit: str | None, key: str = "key"
) -> Any:
    """One line of a saved page of `organization/costs`, for `costs`."""
    start = datetime.combine(date.fromisoformat(day), time(), UTC)
    result = {
        "object": "organization.costs.result",
        "amount": {"value": float(Decimal(amount)), "currency": "usd"},
        "line_item": words,
        "project_id": "p",
        "api_key_id": key,
        "quantity": quantity,
        "quantity_unit": unit,
    }
    return start, json.dumps(result)


def anthropic_page(day: str, *results: dict[str, Any]) -> str:
    start = datetime.combine(date.fromisoformat(day), time(), UTC)
    bucket = {
        "starting_at": start.isoformat(),
        "ending_at": (start + timedelta(days=1)).isoformat(),
        "results": list(results),
    }
    return json.dumps({"data": [bucket], "has_more": False, "next_page": None})


def anthropic_cost(cents: str, **fields: Any) -> dict[str, Any]:
    return {
        "amount": cents,
        "currency": "USD",
        "workspace_id": None,
        "description": " ".join(
            str(fields.get(key)) for key in ("model", "cost_type", "token_type")
        ),
        "cost_type": "tokens",
        "model": None,
        "service_tier": None,
        "context_window": None,
        "token_type": None,
        "inference_geo": None,
        **fields,
    }


def anthropic_usage(key: str, model: str, searches: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "uncached_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 0,
        "server_tool_use": {"web_search_requests": searches},
        "api_key_id": key,
        "workspace_id": None,
        "model": model,
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": None,
        **fields,
    }


__all__ = ["anthropic_cost", "anthropic_page", "anthropic_usage", "billed", "costs"]
