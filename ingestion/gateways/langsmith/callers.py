"""Who called, as a run's `extra` says it: its metadata, and LiteLLM's payload in its `inputs`.

LiteLLM's callback has its metadata in `extra` itself, and its whole log of the call as `inputs`.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.langsmith.answer import NOTHING, inside
from ingestion.gateways.spans import names

SESSIONS: Final = ("session_id", "thread_id", "conversation_id")
# As spans call them, by names that are no metadata of callers.
SESSION: Final = "litellm.trace_id"
CUSTOMER: Final = "llm.user"
# What LangSmith, LangChain and LangGraph write of themselves.
THEIRS: Final = re.compile(
    r"(?:ls_|lc_|langgraph_|LANGSMITH_|LANGCHAIN_|__|checkpoint_).*|usage_metadata|revision_id"
)
# Name of a span -> LiteLLM's of its log.
LITELLM: Final = {
    names.CALL_ID[0]: "litellm_call_id",
    SESSION: "trace_id",
    names.CACHE_HIT[0]: "cache_hit",
    "litellm.model_group": "model_group",
    "litellm.provider.model": "model",
    names.PROVIDER[0]: "custom_llm_provider",
    names.HOST[0]: "api_base",
    names.STREAM[0]: "stream",
    names.COST[0]: "response_cost",
    "gen_ai.operation.name": "call_type",
}


def metadata_of(run: Mapping[str, Any], extra: Mapping[str, Any]) -> Mapping[str, Any]:
    found = inside(extra, "metadata") or inside(run, "metadata")
    is_litellm = any(name.startswith("user_api_key") for name in extra)
    return found or (extra if is_litellm else NOTHING)


def caller_said(run: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    sessions = (*(metadata.get(name) for name in SESSIONS), run.get("thread_id"))
    said = {
        SESSION: next((each for each in sessions if each), None),
        CUSTOMER: metadata.get("user_id"),
        names.AGENT[0]: metadata.get("lc_agent_name"),
        names.STEP[0]: metadata.get("langgraph_node"),
        "tags": run.get("tags"),
    }
    said |= {
        f"metadata.{name}": value for name, value in metadata.items() if not THEIRS.fullmatch(name)
    }
    return {name: value for name, value in said.items() if value is not None}


def litellm_said(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Empty where no LiteLLM made the run."""
    if "litellm_call_id" not in inputs:
        return {}
    error = inside(inputs, "error_information")
    said = {name: inputs.get(of) for name, of in LITELLM.items()} | {
        names.HTTP_STATUS[0]: error.get("error_code"),
        names.TIER_ASKED[0]: inside(inputs, "model_parameters").get("service_tier"),
    }
    return {name: value for name, value in said.items() if value not in (None, "")}
