"""The parts of a LiteLLM record that differ by provider and outcome: usage, costs, errors."""

from collections.abc import Callable
from typing import Any, Final

from simulation.logs.litellm.kind import Kind, number

ERRORS: Final = {
    429: ("RateLimitError", "Rate limit reached", "vendor_rate_limit", "429_RATE_LIMIT_EXCEEDED"),
    500: ("InternalServerError", "transient", None, "500_PROVIDER_INTERNAL_ERROR"),
    503: ("ServiceUnavailableError", "overloaded", None, "503_PROVIDER_UNAVAILABLE"),
}


def usage_object(kind: Kind) -> dict[str, Any]:
    """Tokens as LiteLLM counts them for every provider: the prompt includes cached tokens."""
    if not kind.succeeded:
        return {}
    usage: dict[str, Any] = {
        "completion_tokens": number("completion_tokens"),
        "prompt_tokens": number("prompt_tokens"),
        "total_tokens": number("total_tokens"),
    }
    return usage | USAGE[kind.deployment.provider](kind)


def _openai(kind: Kind) -> dict[str, Any]:
    rebuilt = kind.stream or kind.outcome == "cache_hit"
    nulls: dict[str, Any] = dict.fromkeys(("text_tokens", "image_tokens", "video_tokens"))
    extra = nulls if rebuilt else {}
    prompt = {"audio_tokens": 0, "cached_tokens": number("cache_read"), **extra}
    details: dict[str, Any] = {
        "completion_tokens_details": {
            "accepted_prediction_tokens": 0,
            "audio_tokens": 0,
            "reasoning_tokens": number("reasoning"),
            "rejected_prediction_tokens": 0,
            **extra,
        },
        # A stream that the response cache answers has lost them.
        "prompt_tokens_details": None if kind.stream and kind.cache_key else prompt,
    }
    return details | ({"cost": number("full_cost")} if kind.stream else {})


def _anthropic(kind: Kind) -> dict[str, Any]:
    prompt = {
        "audio_tokens": None,
        "cache_write_tokens": number("cache_write"),
        "cached_tokens": number("cache_read"),
        "text_tokens": number("fresh_input"),
        "image_tokens": None,
        "video_tokens": None,
        "cache_creation_tokens": number("cache_write"),
        "cache_creation_token_details": {
            "ephemeral_5m_input_tokens": number("cache_write_5m"),
            "ephemeral_1h_input_tokens": number("cache_write_1h"),
        },
    }
    details: dict[str, Any] = {
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "text_tokens": number("completion_tokens"),
        },
        "prompt_tokens_details": None if kind.stream and kind.cache_key else prompt,
    }
    if kind.stream:
        details["cost"] = number("full_cost")
    details |= {
        "cache_creation_input_tokens": number("cache_write"),
        "cache_read_input_tokens": number("cache_read"),
    }
    if not kind.stream:
        details |= dict.fromkeys(("iterations", "inference_geo", "speed"))
        details["service_tier"] = kind.service_tier
    return details


def _bedrock(kind: Kind) -> dict[str, Any]:
    """Claude's, without what only Anthropic itself says: how long a cache write lasts, the tier."""
    details = _anthropic(kind)
    for name in ("iterations", "inference_geo", "speed", "service_tier"):
        details.pop(name, None)
    prompt = details["prompt_tokens_details"]
    if prompt is not None:
        del prompt["cache_creation_token_details"]
    return details


def _gemini(kind: Kind) -> dict[str, Any]:
    prompt = {
        "audio_tokens": None,
        "cached_tokens": number("cache_read"),
        "text_tokens": number("fresh_input"),
        "image_tokens": None,
        "video_tokens": None,
    }
    return {
        "completion_tokens_details": {
            "reasoning_tokens": number("reasoning"),
            "text_tokens": number("text_output"),
        },
        "prompt_tokens_details": None if kind.stream and kind.cache_key else prompt,
        "cache_read_input_tokens": number("cache_read"),
    }


USAGE: Final[dict[str, Callable[[Kind], dict[str, Any]]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "azure": _openai,
    "aws": _bedrock,
    "google": _gemini,
}
EXCEPTIONS: Final = {
    "openai": "OpenAIException",
    "anthropic": "AnthropicException",
    "azure": "AzureException",
    "aws": "BedrockException",
    "google": "VertexAIException",
}


def cost_breakdown(kind: Kind) -> dict[str, Any] | None:
    """LiteLLM's claim at list prices; `input_cost` includes what the cache cost."""
    if not kind.succeeded:
        return None
    breakdown: dict[str, Any] = {
        "input_cost": number("input_cost"),
        "output_cost": number("output_cost"),
        "total_cost": number("full_cost"),
        "tool_usage_cost": 0.0,
        "service_tier": None if kind.service_tier == "standard" else kind.service_tier,
        "data_residency": None,
        "vertex_location": None,
    }
    if kind.cache_read:
        breakdown["cache_read_cost"] = number("cache_read_cost")
    if kind.cache_write:
        breakdown["cache_creation_cost"] = number("cache_creation_cost")
    return breakdown | {
        "original_cost": number("full_cost"),
        "discount_percent": 0.0,
        "discount_amount": 0.0,
        "margin_percent": 0.0,
        "margin_fixed_amount": 0.0,
        "margin_total_amount": 0.0,
    }


def model_parameters(kind: Kind) -> dict[str, Any]:
    if kind.stream:
        options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    else:
        options = {"stream": False}
    if kind.service_tier == "priority":
        options["service_tier"] = "priority"
    return options


def hidden_params(kind: Kind) -> dict[str, Any]:
    batch = kind.service_tier == "batch"
    return {
        "model_id": kind.deployment.deployment_id if kind.succeeded else None,
        "cache_key": kind.cache_key,
        # of Bedrock's calls this place has none
        "api_base": kind.api_base if kind.succeeded and kind.route != "bedrock" else None,
        "response_cost": number("full_cost"),
        "additional_headers": _headers(kind),
        "litellm_overhead_time_ms": None,
        "batch_models": [kind.model_name] if batch else None,
        "batch_successful_requests": number("batched_requests") if batch else None,
        "batch_failed_requests": 0 if batch else None,
        "litellm_model_name": (f"{kind.route}/{kind.model_name}" if kind.succeeded else None),
        "usage_object": None,
    }


def _headers(kind: Kind) -> dict[str, Any]:
    if not kind.succeeded:
        return {"x-request-id": "%(provider_request_id)s", "content-type": "application/json"}
    headers: dict[str, Any] = {}
    if kind.outcome == "success":
        headers["llm_provider-request-id"] = "%(provider_request_id)s"
    headers["x-litellm-model-group"] = kind.deployment.model_group
    headers["x-litellm-attempted-retries"] = 1 if kind.role == "retry" else 0
    headers["x-litellm-attempted-fallbacks"] = 1 if kind.role == "fallback" else 0
    return headers


def error_message(kind: Kind) -> str | None:
    if kind.succeeded:
        return None
    error_class, words, _, _ = ERRORS[kind.http_status]
    provider = EXCEPTIONS[kind.deployment.provider]
    return f"litellm.{error_class}: {error_class}: {provider} - {words}"


def error_information(kind: Kind) -> dict[str, Any]:
    failed = not kind.succeeded
    error_class, _, category, normalized = ERRORS.get(kind.http_status, ("", "", None, None))
    return {
        "error_code": str(kind.http_status) if failed else "",
        "error_class": error_class,
        "llm_provider": kind.route if failed else "",
        "traceback": "",
        "error_message": error_message(kind) or "",
        "error_provider_request_id": "%(provider_request_id)s" if failed else None,
        "error_rate_limit_category": category,
        "error_rate_limit_type": None,
        "error_budget_entity_type": None,
        "error_budget_entity_id": None,
        "error_budget_limit": None,
        "error_budget_spend": None,
        "normalized_error": normalized,
    }
