"""The shape of one record of LiteLLM 1.106.2: its keys in its order, as text to fill in.

Copied from objects that the real proxy wrote. Bodies are elided: `messages` and `response` are
null, and so is `model_map_value`, LiteLLM's own 7 kB price entry.
"""

import json
from typing import Any, Final

from simulation.logs.litellm.details import (
    cost_breakdown,
    error_information,
    error_message,
    hidden_params,
    model_parameters,
    usage_object,
)
from simulation.logs.litellm.kind import Kind, number

USER_AGENT: Final = "python-httpx/0.28.1"
USER_AGENT_TAGS: Final = ("User-Agent: python-httpx", f"User-Agent: {USER_AGENT}")

BUDGETS: Final = (
    "user_api_key_max_budget",
    "user_api_key_budget_reset_at",
    "user_api_key_user_spend",
    "user_api_key_user_max_budget",
    "user_api_key_team_spend",
    "user_api_key_team_max_budget",
)


def record_template(kind: Kind) -> str:
    """The record as one line of JSON with `%(name)s` and `%(name)d` in the place of values."""
    text = json.dumps(_record(kind))
    return text.replace('"#', "").replace('#"', "")


def _record(kind: Kind) -> dict[str, Any]:
    return {**_attempt(kind), "metadata": _metadata(kind), **_outcome(kind)}


def _attempt(kind: Kind) -> dict[str, Any]:
    success = kind.succeeded
    return {
        "id": "%(id)s",
        "litellm_call_id": "%(call_id)s",
        "trace_id": "%(trace_id)s",
        "session_id": "%(session)s",
        "call_type": "aretrieve_batch" if kind.service_tier == "batch" else "acompletion",
        "cache_hit": _cache_hit(kind),
        "stream": True if kind.stream else None,
        "status": "success" if success else "failure",
        "status_fields": {
            "llm_api_status": "success" if success else "failure",
            "guardrail_status": "not_run",
        },
        "custom_llm_provider": kind.route,
        "saved_cache_cost": number("saved_cost"),
        "startTime": number("started"),
        "endTime": number("ended"),
        "completionStartTime": number("completion_started"),
        "response_time": number("response_time"),
        "model": f"{kind.route}/{kind.model_name}",
    }


def _outcome(kind: Kind) -> dict[str, Any]:
    deployment = kind.deployment
    return {
        "cache_key": kind.cache_key,
        "response_cost": number("response_cost"),
        "cost_breakdown": cost_breakdown(kind),
        "autorouter_savings": None,
        "autorouter_savings_estimate": None,
        "autorouter_baseline_observation": None,
        "total_tokens": number("total_tokens"),
        "prompt_tokens": number("prompt_tokens"),
        "completion_tokens": number("completion_tokens"),
        "request_tags": number("request_tags"),
        "request_model_access_groups": [],
        "end_user": "%(customer)s",
        "api_base": kind.api_base,
        "model_group": deployment.model_group,
        "model_id": deployment.deployment_id,
        "requester_ip_address": "10.20.0.7",
        "user_agent": USER_AGENT,
        "messages": None,
        "response": None if kind.succeeded else {},
        "model_parameters": model_parameters(kind),
        "hidden_params": hidden_params(kind),
        "model_map_information": {
            "model_map_key": kind.price_key,
            "model_map_value": None,
        },
        "error_str": error_message(kind),
        "error_information": error_information(kind),
        "response_cost_failure_debug_info": None,
        "zero_cost_diagnostic": None,
        "guardrail_information": None,
        "standard_built_in_tools_params": {"web_search_options": None, "file_search": None},
    }


def _cache_hit(kind: Kind) -> bool | None:
    """null is a normal miss; a stream's miss and a failure say false."""
    if kind.outcome == "cache_hit":
        return True
    return False if kind.stream or not kind.succeeded else None


def _metadata(kind: Kind) -> dict[str, Any]:
    key = kind.key
    team = key.team if key.names_team else None
    return {
        "user_api_key_hash": key.key_hash,
        "user_api_key_alias": key.alias,
        "user_api_key_spend": 0.0,
        **dict.fromkeys(BUDGETS),
        "user_api_key_team_id": team and team.team_id,
        "user_api_key_org_id": None,
        "user_api_key_org_alias": None,
        "user_api_key_project_id": None,
        "user_api_key_project_alias": None,
        "user_api_key_user_id": key.user_id,
        "user_api_key_team_alias": team and team.name,
        "user_api_key_user_email": None,
        "user_api_key_end_user_id": "%(customer)s",
        "user_api_key_request_route": "/v1/chat/completions",
        "spend_logs_metadata": None,
        "requester_ip_address": "10.20.0.7",
        "user_agent": USER_AGENT,
        "requester_metadata": {
            "tags": number("tags"),
            "headers": {"user-agent": USER_AGENT, "content-type": "application/json"},
            "used_client_oauth_token": False,
            **({} if team else {"prompt_version": number("prompt_version")}),
        },
        "prompt_management_metadata": None,
        "applied_guardrails": [],
        "mcp_tool_call_metadata": None,
        "vector_store_request_metadata": None,
        "routing_decision": None,
        "usage_object": usage_object(kind),
        "requester_custom_headers": {},
        "cold_storage_object_key": None,
        "user_api_key_auth_metadata": {"cost_center": team.cost_center} if team else {},
        "team_alias": None,
        "team_id": None,
        "used_client_oauth_token": False,
    }
