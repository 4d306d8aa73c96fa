"""LiteLLM's log objects, and rows of its table as COPY writes them."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call

PROVIDERS: Final = {"aws": "bedrock", "google": "vertex_ai"}
CALL_TYPES: Final = {"chat": "acompletion", "embeddings": "aembedding"}
# LiteLLM counts itself where a stream does not say; of these providers that shows.
COUNTED_APART: Final = ("openai", "azure")
GUESS: Final = {"prompt_tokens": 321, "completion_tokens": 54, "total_tokens": 375}


def objects(calls: Sequence[Call]) -> bytes:
    return "\n".join(json.dumps(_object(call)) for call in calls).encode()


def table_rows(calls: Sequence[Call]) -> bytes:
    """Rows as they are saved of the database."""
    return "\n".join(json.dumps(_row(call)) for call in calls).encode()


def table_csv(calls: Sequence[Call]) -> bytes:
    cells = [
        {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in _row(call).items()}
        for call in calls
    ]
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(cells[0]))
    writer.writeheader()
    writer.writerows(cells)
    return sink.getvalue().encode()


def _object(call: Call) -> dict[str, Any]:
    usage = _usage(call)
    return {
        **_id(call),
        "litellm_call_id": call.call_id,
        "trace_id": call.trace,
        "session_id": call.session,
        "call_type": CALL_TYPES[call.model.operation],
        "cache_hit": None,
        "stream": call.stream,
        "status": "failure" if call.ending == REFUSED else "success",
        "custom_llm_provider": PROVIDERS.get(call.provider, call.provider),
        "startTime": call.started.timestamp(),
        "endTime": call.ended.timestamp(),
        "model": call.model.name,
        "model_group": "assistant",
        "metadata": _metadata(call) | {"requester_metadata": {}},
        "response_cost": 0.0,
        **_sums(usage),
        "request_tags": [f"feature:{call.feature}", f"team:{call.team}"],
        "end_user": call.customer,
        "response": _answer(call),
        "model_parameters": {"stream": True} if call.stream else {},
        "hidden_params": {},
        "error_information": _error(call),
    }


def _row(call: Call) -> dict[str, Any]:
    metadata = _metadata(call)
    return {
        "request_id": _id(call)["id"],
        "litellm_call_id": call.call_id,
        "call_type": CALL_TYPES[call.model.operation],
        "api_key": metadata["user_api_key_hash"],
        "spend": 0.0,
        **_sums(metadata["usage_object"] or {}),
        "startTime": f"{call.started:%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "endTime": f"{call.ended:%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "model": call.model.name,
        "model_group": "assistant",
        "custom_llm_provider": PROVIDERS.get(call.provider, call.provider),
        "user": call.user,
        "metadata": metadata | {"error_information": _error(call)},
        "cache_hit": "False" if call.stream else "None",
        "request_tags": [f"feature:{call.feature}", f"team:{call.team}"],
        "team_id": metadata["user_api_key_team_id"],
        "end_user": call.customer,
        "messages": {},
        "response": {},
        "proxy_server_request": {},
        "session_id": call.session,
        "status": "failure" if call.ending == REFUSED else "success",
    }


def _id(call: Call) -> dict[str, str]:
    return {"id": call.call_id if call.ending == REFUSED else call.response_id}


def _metadata(call: Call) -> dict[str, Any]:
    return {
        "user_api_key_hash": "b095adcc",
        "user_api_key_user_id": call.user,
        "user_api_key_team_id": f"team-{call.team}",
        "user_api_key_team_alias": call.team,
        "usage_object": _usage(call),
        "attempted_retries": call.attempt - 1,
    }


def _answer(call: Call) -> dict[str, Any]:
    if call.ending == REFUSED:
        return {}
    tier = {"standard": "default"}.get(call.tier or "", call.tier)
    return {"id": call.response_id, "model": call.model.name, "service_tier": tier}


def _error(call: Call) -> dict[str, Any] | None:
    if call.ending != REFUSED:
        return None
    return {"error_code": "429", "error_class": "RateLimitError"}


def _sums(usage: dict[str, Any]) -> dict[str, int]:
    return {name: usage.get(name, 0) for name in GUESS}


def _usage(call: Call) -> dict[str, Any]:
    if call.ending == UNTOLD:
        return GUESS
    if call.ending == REFUSED:
        return {}
    output = call.of("output")
    usage: dict[str, Any] = {
        "prompt_tokens": call.prompt,
        "completion_tokens": output,
        "total_tokens": call.prompt + output,
        "prompt_tokens_details": {"cached_tokens": call.of("cache_read")},
        "completion_tokens_details": {"reasoning_tokens": call.of("reasoning")},
    }
    if "cache_write_5m" in call.model.meters:
        usage["prompt_tokens_details"] |= {
            "cache_creation_tokens": call.writes,
            "cache_creation_token_details": {
                "ephemeral_5m_input_tokens": call.of("cache_write_5m"),
                "ephemeral_1h_input_tokens": call.of("cache_write_1h"),
            },
        }
    if searches := call.of("web_searches"):
        usage["server_tool_use"] = {"web_search_requests": searches}
    return usage
