"""What trace stores export: Phoenix's, Langfuse's, LangSmith's and Datadog's calls of models."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.ingestion.gateways.tellings.answers import anthropic_usage
from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, UNTOLD, Call
from tests.ingestion.gateways.tellings.proxies import lines, moment
from tests.ingestion.gateways.tellings.spans import ERROR, openinference_said

KINDS: Final = {"chat": "LLM", "embeddings": "EMBEDDING"}
LANGCHAIN: Final = {"aws": "amazon_bedrock", "google": "google_vertexai"}
INTEGRATIONS: Final = {"aws": "bedrock", "google": "vertexai"}
OBJECTS: Final = ("inputs", "outputs", "extra")


def phoenix(calls: Sequence[Call]) -> bytes:
    """A page of `GET /v1/projects/<name>/spans`."""
    return json.dumps({"data": [_span(call) for call in calls], "next_cursor": None}).encode()


def _span(call: Call) -> dict[str, Any]:
    failed = call.ending == REFUSED
    error = {
        "exception.type": "openai.RateLimitError",
        "exception.message": ERROR,
    }
    thrown = {"name": "exception", "timestamp": call.ended.isoformat(), "attributes": error}
    return {
        "id": f"U3Bhbjo{call.number}",
        "name": "ChatCompletion",
        "context": {"trace_id": call.trace, "span_id": call.span_id("openinference")},
        "span_kind": KINDS[call.model.operation],
        "parent_id": None,
        "start_time": call.started.isoformat(),
        "end_time": call.ended.isoformat(),
        "status_code": "ERROR" if failed else "OK",
        "status_message": "",
        "attributes": openinference_said(call),
        "events": [thrown] if failed else [],
    }


def langfuse(calls: Sequence[Call]) -> bytes:
    """Lines of `observations_v2`, which have their trace's user, session and tags."""
    return lines(_observation, calls)


def langfuse_csv(calls: Sequence[Call]) -> bytes:
    rows = [{name: _cell(value) for name, value in _observation(call).items()} for call in calls]
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue().encode()


def langfuse_parquet(calls: Sequence[Call]) -> bytes:
    """Objects as JSON in texts, counts as a map."""
    rows = [
        {
            name: list(value.items()) if name == "usage_details" else _cell(value)
            for name, value in _observation(call).items()
        }
        for call in calls
    ]
    schema = pa.schema(
        [
            (name, pa.map_(pa.string(), pa.int64()) if name == "usage_details" else pa.string())
            for name in rows[0]
        ]
    )
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink)
    return sink.getvalue()


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _observation(call: Call) -> dict[str, Any]:
    parameters: dict[str, Any] = {"stream": call.stream}
    if call.tier:
        parameters["service_tier"] = {"standard": "default"}.get(call.tier, call.tier)
    return {
        "id": call.span_id("langfuse"),
        "trace_id": call.trace,
        "project_id": "proj-1",
        "environment": "prod",
        "type": {"chat": "GENERATION", "embeddings": "EMBEDDING"}[call.model.operation],
        "parent_observation_id": None,
        "start_time": f"{call.started:%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "end_time": f"{call.ended:%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "name": "answer",
        "metadata": {},
        "level": "ERROR" if call.ending == REFUSED else "DEFAULT",
        "status_message": ERROR if call.ending == REFUSED else None,
        "provided_model_name": call.model.name,
        "model_parameters": parameters,
        "usage_details": _disjoint(call) if call.ending == ANSWERED else {},
        "cost_details": {},
        "user_id": call.customer,
        "session_id": call.session,
        "tags": [f"feature:{call.feature}", f"team:{call.team}"],
    }


def _disjoint(call: Call) -> dict[str, int]:
    """By its convention, whose names are open; the total is the sum of all."""
    parts = {
        "input": call.of("input"),
        "input_cached_tokens": call.of("cache_read"),
        "input_cache_creation_5m": call.of("cache_write_5m"),
        "input_cache_creation_1h": call.of("cache_write_1h"),
        "output": call.of("output") - call.of("reasoning"),
        "output_reasoning_tokens": call.of("reasoning"),
        "web_search_requests": call.of("web_searches"),
    }
    told = {name: count for name, count in parts.items() if count}
    return told | {"total": sum(told.values())}


def langsmith(calls: Sequence[Call]) -> bytes:
    """Lines of LangChain's runs, as its API answers them."""
    return lines(_run, calls)


def langsmith_parquet(calls: Sequence[Call]) -> bytes:
    """A bulk export: objects as JSON in texts, times without a zone."""
    rows = [
        {name: json.dumps(value) if name in OBJECTS else value for name, value in run.items()}
        | {
            "start_time": call.started.replace(tzinfo=None),
            "end_time": call.ended.replace(tzinfo=None),
        }
        for call, run in ((call, _run(call)) for call in calls)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="zstd")
    return sink.getvalue()


def _run(call: Call) -> dict[str, Any]:
    said = {
        "ls_provider": LANGCHAIN.get(call.provider, call.provider),
        "ls_model_name": call.model.name,
        "session_id": call.session,
        "user_id": call.customer,
        "feature": call.feature,
        "team": call.team,
    }
    asked = {"model": call.model.name, "stream": call.stream}
    failed = call.ending == REFUSED
    return {
        "id": f"01a221ce-0000-7000-8000-{call.number:012x}",
        "trace_id": f"01a221ce-0000-7000-9000-{call.number // 10:012x}",
        "parent_run_id": f"01a221ce-0000-7000-9000-{call.number // 10:012x}",
        "session_id": "4e2f0d6c-0000-4000-8000-000000000001",
        "name": "ChatOpenAI",
        "run_type": {"chat": "llm", "embeddings": "embedding"}[call.model.operation],
        "start_time": moment(call.started).removesuffix("Z"),
        "end_time": moment(call.ended).removesuffix("Z"),
        "status": "error" if failed else "success",
        "error": f"RateLimitError('{ERROR}')" if failed else None,
        "inputs": {},
        "outputs": {} if failed else _generations(call),
        "extra": {"metadata": said, "invocation_params": asked},
        "tags": [],
        "prompt_tokens": call.prompt,
        "completion_tokens": call.of("output"),
        "total_tokens": call.prompt + call.of("output"),
    }


def _generations(call: Call) -> dict[str, Any]:
    """LangChain's message: its usage has the parts as details, of writes each time to live."""
    answer: dict[str, Any] = {"id": call.response_id, "model_name": call.model.name}
    if call.tier:
        answer["service_tier"] = {"standard": "default"}.get(call.tier, call.tier)
    message: dict[str, Any] = {"id": f"run-{call.number}", "response_metadata": answer}
    if call.ending == UNTOLD:
        return {"generations": [[{"message": {"kwargs": message}}]]}
    read = {"cache_read": call.of("cache_read")}
    if call.writes:
        read |= {
            "cache_creation": 0,
            "ephemeral_5m_input_tokens": call.of("cache_write_5m"),
            "ephemeral_1h_input_tokens": call.of("cache_write_1h"),
        }
    message["usage_metadata"] = {
        "input_tokens": call.prompt,
        "output_tokens": call.of("output"),
        "total_tokens": call.prompt + call.of("output"),
        "input_token_details": read,
        "output_token_details": {"reasoning": call.of("reasoning")},
    }
    if call.provider == "anthropic":
        answer["usage"] = anthropic_usage(call)
    return {"generations": [[{"message": {"kwargs": message}}]]}


def datadog(calls: Sequence[Call]) -> bytes:
    """A page of its export."""
    told = [{"id": str(call.number), "type": "span", "attributes": _llm(call)} for call in calls]
    return json.dumps({"data": told, "meta": {"page": {}}}).encode()


def _llm(call: Call) -> dict[str, Any]:
    provider = {"azure": "azure_openai"}.get(call.provider, call.provider)
    return {
        "span_id": str(int(call.span_id("datadog"), 16)),
        "trace_id": call.trace,
        "parent_id": "undefined",
        "name": "createChatCompletion",
        "ml_app": "answers",
        "span_kind": {"chat": "llm", "embeddings": "embedding"}[call.model.operation],
        "start_ns": int(call.started.timestamp() * 1000) * 1_000_000,
        "duration": float(call.latency_ms * 1_000_000),
        "status": "error" if call.ending == REFUSED else "ok",
        "model_name": call.model.name,
        "model_provider": provider,
        "metadata": {"stream": call.stream},
        "metrics": _metrics(call) if call.ending == ANSWERED else {},
        "tags": [
            f"integration:{INTEGRATIONS.get(call.provider, 'openai')}",
            f"session_id:{call.session}",
            f"user_id:{call.customer}",
            f"feature:{call.feature}",
            f"team:{call.team}",
        ],
    }


def _metrics(call: Call) -> dict[str, int]:
    return {
        "input_tokens": call.prompt,
        "output_tokens": call.of("output"),
        "total_tokens": call.prompt + call.of("output"),
        "non_cached_input_tokens": call.of("input"),
        "cache_read_input_tokens": call.of("cache_read"),
        "cache_write_input_tokens": call.writes,
        "reasoning_output_tokens": call.of("reasoning"),
    }
