"""Access logs of proxies: Cloudflare's pages, Kong's entries, lines of Envoy and agentgateway.

Who called, an operator has his proxy log by headers or by fields of their own.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, Call

PATHS: Final = {"chat": "/v1/chat/completions", "embeddings": "/v1/embeddings"}
HOSTS: Final = {
    "openai": "api.openai.com",
    "anthropic": "api.anthropic.com",
    "aws": "bedrock-runtime.us-east-1.amazonaws.com",
    "azure": "acme.openai.azure.com",
    "google": "europe-west4-aiplatform.googleapis.com",
    "openrouter": "openrouter.ai",
}
CLOUDFLARE: Final = {
    "aws": "aws-bedrock",
    "azure": "azure-openai",
    "google": "google-vertex-ai",
}
KONG: Final = {"aws": "bedrock", "google": "gemini"}
CONVENTIONS: Final = {
    "aws": "aws.bedrock",
    "azure": "azure.ai.openai",
    "google": "gcp.vertex_ai",
}
# Of providers whose answers count cached tokens beside the input.
BESIDE: Final = ("anthropic", "aws")
# What operators name in tollbook.yaml.
ENVOY_OPTIONS: Final = {
    "columns": {"session_id": "session", "user_id": "user", "customer_id": "customer"}
}
AGENTGATEWAY_OPTIONS: Final = {"columns": {"session_id": "session", "customer_id": "customer"}}


def lines(one: Callable[[Call], dict[str, Any]], calls: Sequence[Call]) -> bytes:
    return "\n".join(json.dumps(one(call)) for call in calls).encode()


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def cloudflare(calls: Sequence[Call]) -> bytes:
    """Pages of its API, fifty logs each."""
    pages = (calls[n : n + 50] for n in range(0, len(calls), 50))
    told = [{"success": True, "result": [_cloudflare(call) for call in page]} for page in pages]
    return "\n".join(map(json.dumps, told)).encode()


def _cloudflare(call: Call) -> dict[str, Any]:
    """Its counts are what the answer calls them; `metadata` holds at most five."""
    told = call.ending == ANSWERED
    read = call.of("input") if call.provider in BESIDE else call.prompt
    owners = {
        name: getattr(call, name) for name in ("feature", "team", "customer", "user", "session")
    }
    return {
        "id": call.own_id("cloudflare"),
        "cached": False,
        "created_at": moment(call.started),
        "duration": call.latency_ms,
        "model": call.model.name,
        "path": PATHS[call.model.operation].removeprefix("/v1/"),
        "provider": CLOUDFLARE.get(call.provider, call.provider),
        "success": call.ending != REFUSED,
        "tokens_in": read if told else 0,
        "tokens_out": call.of("output") if told else 0,
        "custom_cost": False,
        "metadata": json.dumps(owners),
        "response_content_type": "text/event-stream" if call.stream else "application/json",
        "status_code": call.http_status,
        "step": 0,
    }


def kong(calls: Sequence[Call]) -> bytes:
    return lines(_kong, calls)


def _kong(call: Call) -> dict[str, Any]:
    """Of a log plugin, with statistics of the AI plugins."""
    meta = {
        "plugin_id": "546c3856-24b3-469a-bd6c-f6083babd2cd",
        "provider_name": KONG.get(call.provider, call.provider),
        "request_model": call.model.name,
        "response_model": call.model.name,
        "llm_latency": call.latency_ms - 5,
        "request_mode": "stream" if call.stream else "oneshot",
    }
    path = PATHS[call.model.operation]
    headers = {"x-feature": call.feature, "x-customer": call.customer}
    return {
        "request": {"id": call.own_id("kong"), "uri": f"/llm{path}", "headers": headers},
        "upstream_uri": path,
        "upstream_status": str(call.http_status),
        "response": {"status": call.http_status, "headers": {}},
        "tries": [{"ip": "162.159.140.245", "port": 443, "balancer_latency": 0}],
        "consumer": {"id": f"id-{call.user}", "username": call.user, "tags": [f"team:{call.team}"]},
        "route": {"name": "chat"},
        "latencies": {"request": call.latency_ms, "kong": 5, "proxy": call.latency_ms - 5},
        "started_at": int(call.started.timestamp() * 1000),
        "ai": {"proxy": {"meta": meta, "usage": _kong_usage(call)}},
    }


def _kong_usage(call: Call) -> dict[str, Any]:
    """In OpenAI's form for every provider."""
    if call.ending != ANSWERED:
        return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "cost": 0}
    output = call.of("output")
    return {
        "prompt_tokens": call.prompt,
        "completion_tokens": output,
        "total_tokens": call.prompt + output,
        "prompt_tokens_details": {"cached_tokens": call.of("cache_read"), "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": call.of("reasoning"), "audio_tokens": 0},
        "cost": 0,
    }


def envoy(calls: Sequence[Call]) -> bytes:
    return lines(_envoy, calls)


def _envoy(call: Call) -> dict[str, Any]:
    """As its documentation has the format; what no metadata says is null."""
    use: dict[str, int | None] = {
        "input_tokens": call.prompt,
        "output_tokens": call.of("output"),
        "total_tokens": call.prompt + call.of("output"),
        "cached_input_tokens": call.of("cache_read"),
        "cache_creation.input_tokens": call.writes,
        "reasoning_tokens": call.of("reasoning"),
    }
    if call.ending != ANSWERED:
        use = dict.fromkeys(use)
    return {
        ":authority": HOSTS[call.provider],
        "start_time": moment(call.started),
        "duration": call.latency_ms,
        "response_code": call.http_status,
        "response_flags": "-",
        "x-request-id": call.own_id("envoy"),
        "x-envoy-origin-path": PATHS[call.model.operation],
        "upstream_host": "34.128.142.77:443",
        "gen_ai.provider.name": f"default/{call.provider}/route/chat/rule/0/ref/0",
        "gen_ai.request.model": call.model.name,
        "gen_ai.response.model": call.model.name if call.ending != REFUSED else None,
        **{f"gen_ai.usage.{name}": count for name, count in use.items()},
        "x-feature": call.feature,
        "x-team": call.team,
        "session": call.session,
        "user": call.user,
        "customer": call.customer,
    }


def agentgateway(calls: Sequence[Call]) -> bytes:
    return lines(_agentgateway, calls)


def _agentgateway(call: Call) -> dict[str, Any]:
    """A line is of the time when its request has ended."""
    said: dict[str, Any] = {
        "level": "info",
        "time": moment(call.ended),
        "scope": "request",
        "endpoint": f"{HOSTS[call.provider]}:443",
        "http.method": "POST",
        "http.path": PATHS[call.model.operation],
        "http.status": call.http_status,
        "trace.id": call.trace,
        "span.id": call.span_id("agentgateway"),
        "protocol": "llm",
        "gen_ai.operation.name": call.model.operation,
        "gen_ai.provider.name": CONVENTIONS.get(call.provider, call.provider),
        "gen_ai.request.model": call.model.name,
        "llm.streaming": call.stream,
        "duration": f"{call.latency_ms}ms",
        "jwt.sub": call.user,
        "agentgateway.group": call.team,
        "feature": call.feature,
        "session": call.session,
        "customer": call.customer,
    }
    if call.ending != REFUSED:
        said |= {"gen_ai.response.model": call.model.name, "gen_ai.response.id": call.response_id}
    if call.ending != ANSWERED:
        return said
    return said | {
        "gen_ai.usage.input_tokens": call.prompt,
        "gen_ai.usage.output_tokens": call.of("output"),
        "gen_ai.usage.cache_read.input_tokens": call.of("cache_read"),
        "gen_ai.usage.cache_creation.input_tokens": call.writes,
        "gen_ai.usage.reasoning_tokens": call.of("reasoning"),
    }
