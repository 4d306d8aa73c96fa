"""Gateways that keep a store of their calls: Helicone, Portkey, Bifrost, OpenRouter."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from tests.ingestion.gateways.tellings.answers import (
    anthropic_answer,
    openai_answer,
    openai_usage,
    refusal,
)
from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, UNTOLD, Call
from tests.ingestion.gateways.tellings.proxies import HOSTS, PATHS, lines, moment

NO_ID: Final = "00000000-0000-0000-0000-000000000000"
HELICONE: Final = {"aws": "BEDROCK", "google": "VERTEX"}
PORTKEY: Final = {"aws": "bedrock", "azure": "azure-openai", "google": "vertex-ai"}
BIFROST: Final = {"aws": "bedrock", "google": "vertex"}
ASKED: Final = {"standard": "default"}
# Whose answers Portkey puts into OpenAI's form, under an id that it makes up.
TRANSFORMED: Final = ("aws", "google")


def helicone(calls: Sequence[Call]) -> bytes:
    """What its export tool writes without bodies."""
    return lines(_request, calls)


def helicone_rows(calls: Sequence[Call]) -> bytes:
    """Rows of `request_response_rmt`."""
    return lines(_row_of_request, calls)


def _at(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S.%f}"[:-3]


def _request(call: Call) -> dict[str, Any]:
    return {
        "response_id": call.own_id("helicone response"),
        "response_created_at": _at(call.ended),
        "response_status": call.http_status,
        "request_id": call.own_id("helicone"),
        "request_created_at": _at(call.started),
        "request_path": PATHS[call.model.operation],
        "request_user_id": call.customer,
        "request_properties": _properties(call),
        "provider": HELICONE.get(call.provider, call.provider.upper()),
        "request_model": call.model.name,
        "delay_ms": call.latency_ms,
        "time_to_first_token": 40 if call.stream and call.ending != REFUSED else None,
        **_columns(call),
        "total_tokens": call.of("input", "output"),
        "cost": 0,
        "target_url": f"https://{HOSTS[call.provider]}{PATHS[call.model.operation]}",
        "cache_reference_id": NO_ID,
        "cache_enabled": False,
    }


def _row_of_request(call: Call) -> dict[str, Any]:
    said = _request(call)
    return {
        **{name: said[name] for name in ("response_id", "response_created_at", "request_id")},
        "request_created_at": said["request_created_at"],
        "status": call.http_status,
        "latency": call.latency_ms,
        "time_to_first_token": said["time_to_first_token"] or 0,
        "model": call.model.name,
        "user_id": call.customer,
        "properties": said["request_properties"],
        "provider": said["provider"],
        "target_url": said["target_url"],
        **_columns(call),
        "cost": 0,
        "cache_reference_id": NO_ID,
    }


def _columns(call: Call) -> dict[str, int]:
    """Parts beside each other, for every provider; 0 where nobody counted."""
    return {
        "prompt_tokens": call.of("input"),
        "completion_tokens": call.of("output") - call.of("reasoning"),
        "prompt_cache_read_tokens": call.of("cache_read"),
        "prompt_cache_write_tokens": call.writes,
        "reasoning_tokens": call.of("reasoning"),
    }


def _properties(call: Call) -> dict[str, str]:
    return {"Feature": call.feature, "Team": call.team, "Helicone-Session-Id": call.session}


def portkey(calls: Sequence[Call]) -> bytes:
    """An export for which request and response were asked."""
    return lines(_log, calls)


def _log(call: Call) -> dict[str, Any]:
    path = "/v1/messages" if call.provider == "anthropic" else PATHS[call.model.operation]
    asked: dict[str, Any] = {"model": call.model.name}
    if call.stream:
        asked["stream"] = True
    return {
        "id": call.own_id("portkey"),
        "trace_id": call.trace,
        "created_at": moment(call.started),
        "ai_org": PORTKEY.get(call.provider, call.provider),
        "ai_model": call.model.name,
        "req_units": call.prompt,
        "res_units": call.of("output"),
        "total_units": call.prompt + call.of("output"),
        "cost": 0,
        "cost_currency": "USD",
        "response_time": call.latency_ms,
        "response_status_code": call.http_status,
        "metadata": {"_user": call.customer, "feature": call.feature, "team": call.team},
        "request_url": path,
        "request": asked,
        "response": refusal(call) or _answer(call),
    }


def _answer(call: Call) -> dict[str, Any]:
    if call.provider == "anthropic":
        return anthropic_answer(call)
    usage = openai_usage(call)
    if call.provider == "google":
        # thinking stands beside the completion
        usage["completion_tokens"] -= call.of("reasoning")
    if call.provider == "aws" and call.model.operation == "chat":
        usage["prompt_tokens"] = call.of("input")
        usage["cache_read_input_tokens"] = call.of("cache_read")
        usage["cache_creation_input_tokens"] = call.writes
    made = {"id": f"portkey-{call.own_id('portkey')}"} if call.provider in TRANSFORMED else {}
    return openai_answer(call, usage) | made


def bifrost(calls: Sequence[Call]) -> bytes:
    return lines(_logged, calls)


def _logged(call: Call) -> dict[str, Any]:
    """A row of its table, where objects are JSON in texts."""
    chat = call.model.operation == "chat"
    kind = ("chat_completion_stream" if call.stream else "chat_completion") if chat else "embedding"
    error = {"status_code": 429, "error": {"type": "rate_limit_error"}}
    params = {"service_tier": ASKED.get(call.tier, call.tier)} if call.tier else {}
    return {
        "id": call.own_id("bifrost"),
        "parent_request_id": call.session,
        "timestamp": call.started.isoformat(),
        "object_type": kind,
        "provider": BIFROST.get(call.provider, call.provider),
        "model": call.model.name,
        "number_of_retries": 0,
        "fallback_index": 0,
        "virtual_key_id": "vk-search",
        "user_id": call.user,
        "team_id": f"team-{call.team}",
        "team_name": call.team,
        "customer_id": call.customer,
        "latency": call.latency_ms,
        "token_usage": json.dumps(_counted(call)) if call.ending == ANSWERED else "",
        "prompt_tokens": call.prompt,
        "completion_tokens": call.of("output"),
        "total_tokens": call.prompt + call.of("output"),
        "cached_read_tokens": call.of("cache_read"),
        "cost": 0,
        "status": "error" if call.ending == REFUSED else "success",
        "error_details": json.dumps(error) if call.ending == REFUSED else "",
        "stream": call.stream,
        "cache_debug": "",
        "metadata": json.dumps({"feature": call.feature}),
        "params": json.dumps(params),
    }


def _counted(call: Call) -> dict[str, Any]:
    usage: dict[str, Any] = {
        "prompt_tokens": call.prompt,
        "completion_tokens": call.of("output"),
        "total_tokens": call.prompt + call.of("output"),
        "prompt_tokens_details": {"cached_read_tokens": call.of("cache_read")},
        "completion_tokens_details": {"reasoning_tokens": call.of("reasoning")},
    }
    if call.writes:
        usage["prompt_tokens_details"] |= {
            "cached_write_tokens": call.writes,
            "cached_write_token_details": {
                "cached_write_tokens_5m": call.of("cache_write_5m"),
                "cached_write_tokens_1h": call.of("cache_write_1h"),
            },
        }
    if searches := call.of("web_searches"):
        usage["completion_tokens_details"]["num_search_queries"] = searches
    return usage


def openrouter(calls: Sequence[Call]) -> bytes:
    """Answers of `/api/v1/generation`, of what went through OpenRouter."""
    return lines(lambda call: {"data": _generation(call)}, calls)


def _generation(call: Call) -> dict[str, Any]:
    told = call.ending == ANSWERED
    return {
        "id": call.response_id if call.ending != REFUSED else f"gen-refused-{call.number}",
        "upstream_id": f"chatcmpl-up-{call.number:06}",
        "request_id": call.call_id,
        "session_id": call.session,
        "total_cost": 0,
        "usage": 0,
        "created_at": call.started.isoformat(),
        "model": call.model.name,
        "streamed": call.stream,
        "cancelled": False,
        "provider_name": "OpenAI",
        "provider_responses": [{"status": call.http_status, "provider_name": "OpenAI"}],
        "latency": call.latency_ms,
        "generation_time": call.latency_ms - 20,
        "finish_reason": None if call.ending == UNTOLD else "stop" if told else "error",
        "native_tokens_prompt": call.prompt if told else None,
        "native_tokens_completion": call.of("output") if told else None,
        "native_tokens_reasoning": call.of("reasoning") if told else None,
        "native_tokens_cached": call.of("cache_read") if told else None,
        "external_user": call.customer,
        "api_type": "completions",
        "service_tier": None,
        "workspace_id": "ws_search",
    }
