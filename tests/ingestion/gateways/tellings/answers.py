"""Answers of the providers' APIs, with their usage, as gateways that keep bodies log them."""

from typing import Any

from tests.ingestion.gateways.tellings.plan import REFUSED, UNTOLD, Call


def openai_usage(call: Call) -> dict[str, Any]:
    """Cached tokens within the prompt, reasoning within the completion."""
    output = call.of("output")
    usage = {"prompt_tokens": call.prompt, "total_tokens": call.prompt + output}
    if call.model.operation == "embeddings":
        return usage
    return usage | {
        "completion_tokens": output,
        "prompt_tokens_details": {"cached_tokens": call.of("cache_read")},
        "completion_tokens_details": {"reasoning_tokens": call.of("reasoning")},
    }


def anthropic_usage(call: Call) -> dict[str, Any]:
    """Cache reads and writes beside the input."""
    usage: dict[str, Any] = {
        "input_tokens": call.of("input"),
        "cache_creation_input_tokens": call.writes,
        "cache_read_input_tokens": call.of("cache_read"),
        "cache_creation": {
            "ephemeral_5m_input_tokens": call.of("cache_write_5m"),
            "ephemeral_1h_input_tokens": call.of("cache_write_1h"),
        },
        "output_tokens": call.of("output"),
    }
    if searches := call.of("web_searches"):
        usage["server_tool_use"] = {"web_search_requests": searches}
    return usage


def gemini_usage(call: Call) -> dict[str, int]:
    """Thinking beside the candidates; Google writes no 0."""
    usage = {
        "promptTokenCount": call.prompt,
        "candidatesTokenCount": call.of("output") - call.of("reasoning"),
        "cachedContentTokenCount": call.of("cache_read"),
        "thoughtsTokenCount": call.of("reasoning"),
        "totalTokenCount": call.prompt + call.of("output"),
    }
    return {name: count for name, count in usage.items() if count}


def openai_answer(call: Call, usage: dict[str, Any]) -> dict[str, Any]:
    """Without the words of the answer; a stream that broke off has no usage."""
    said: dict[str, Any] = {"id": call.response_id, "model": call.model.name}
    if call.tier:
        said["service_tier"] = {"standard": "default"}.get(call.tier, call.tier)
    return said if call.ending == UNTOLD else said | {"usage": usage}


def anthropic_answer(call: Call) -> dict[str, Any]:
    said = {"id": call.response_id, "type": "message", "model": call.model.name}
    return said if call.ending == UNTOLD else said | {"usage": anthropic_usage(call)}


def refusal(call: Call) -> dict[str, Any] | None:
    if call.ending != REFUSED:
        return None
    return {"error": {"type": "rate_limit_error", "message": "too many requests"}}
