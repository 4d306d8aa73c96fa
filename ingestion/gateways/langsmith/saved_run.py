"""What of a run that LangSmith's API answers is saved: all that the reader reads, and no words of
anybody. Of inputs that is what LiteLLM's callback logs of a call, of outputs how it was counted.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.langsmith.answer import inside
from ingestion.gateways.langsmith.callers import LITELLM
from ingestion.gateways.langsmith.runs import COLUMNS, LITELLM_CALL

FIELDS: Final = (
    *("id", "trace_id", "parent_run_id", "parent_run_ids", "session_id", "session_name"),
    *("child_run_ids", "direct_child_run_ids", "thread_id", "name", "run_type", "status", "error"),
    *("start_time", "end_time", "first_token_time", "tags", "metadata", "total_cost"),
    *COLUMNS,
)
# Of an answer: what holds more, and what says something of the call.
HOLDERS: Final = frozenset(
    (
        *("generations", "message", "kwargs", "response_metadata", "llm_output", "llmOutput"),
        *("choices", "output"),
    )
)
SAID: Final = frozenset(
    (
        *("id", "model", "model_name", "service_tier", "object", "finish_reason", "stop_reason"),
        *("usage", "usage_metadata", "token_usage", "tokenUsage", "type", "status", "container_id"),
    )
)
# Of `extra`: what was asked for, as far as it is no text.
ASKED: Final = (
    *("model", "model_name", "max_tokens", "max_completion_tokens", "stream", "service_tier"),
)
DEEPEST: Final = 12


def saved_run(run: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: run[name] for name in FIELDS if run.get(name) is not None}
    if inputs := _inputs(inside(run, "inputs")):
        kept["inputs"] = inputs
    if outputs := _answer(run.get("outputs"), DEEPEST):
        kept["outputs"] = outputs
    if extra := _extra(inside(run, "extra")):
        kept["extra"] = extra
    if isinstance(events := run.get("events"), list):
        kept["events"] = [_some(each, ("name", "time")) for each in events]
    return kept


def _inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    if LITELLM_CALL not in inputs:
        return {}
    parts = {
        "error_information": _some(inputs.get("error_information"), ("error_code",)),
        "model_parameters": _some(inputs.get("model_parameters"), ("service_tier",)),
    }
    return _some(inputs, (LITELLM_CALL, *LITELLM.values())) | parts


def _answer(value: Any, depth: int) -> Any:
    """Lists keep their length: the first of them is what is read."""
    if not depth:
        return None
    if isinstance(value, list):
        return [_answer(each, depth - 1) for each in value]
    if not isinstance(value, dict):
        return None
    held = {name: _answer(value[name], depth - 1) for name in HOLDERS & value.keys()}
    return _some(value, SAID) | {name: kept for name, kept in held.items() if kept}


def _extra(extra: Mapping[str, Any]) -> dict[str, Any]:
    """LiteLLM's callback has its metadata in `extra` itself."""
    kept = dict(extra)
    if "invocation_params" in kept:
        kept["invocation_params"] = _some(kept["invocation_params"], ASKED)
    if "runtime" in kept:
        kept["runtime"] = _some(kept["runtime"], ("library",))
    return kept


def _some(value: Any, names: tuple[str, ...] | frozenset[str]) -> dict[str, Any]:
    held = value if isinstance(value, dict) else {}
    return {name: held[name] for name in sorted(names) if held.get(name) is not None}
