"""What the `outputs` of a run say of the call: the answer of an API, or LangChain's generations."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from ingestion.gateways.spans import names

# What LangChain calls an answer until its provider has named it.
OWN_IDS: Final = ("run-", "lc_run-")
DEEPEST: Final = 3  # lists of lists of generations
NOTHING: Final[Mapping[str, Any]] = {}


def inside(value: Any, *path: str) -> Mapping[str, Any]:
    """The object at a path; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else NOTHING


def answer_said(outputs: Mapping[str, Any]) -> dict[str, Any]:
    message = _message(outputs)
    told = (
        outputs,
        inside(message, "response_metadata"),
        inside(outputs, "llm_output"),
        inside(outputs, "llmOutput"),
    )
    said = {
        names.MODEL_SERVED[0]: _text(told, "model", "model_name"),
        names.RESPONSE_ID[0]: _id((*told, message)),
        names.TIER_SERVED[0]: _text(told, "service_tier"),
        names.TEXTS["finish_reason"][0]: _finish(outputs, told),
        names.ANSWER: _tools(outputs),
        "gen_ai.operation.name": "responses" if outputs.get("object") == "response" else None,
        **_server_tools(each.get("usage") for each in told),
    }
    return {name: value for name, value in said.items() if value is not None}


def usages_of(outputs: Mapping[str, Any]) -> tuple[Any, ...]:
    """The surest first."""
    return (
        outputs.get("usage_metadata"),
        _message(outputs).get("usage_metadata"),
        outputs.get("usage"),
        inside(outputs, "llm_output").get("token_usage"),
        inside(outputs, "llmOutput").get("tokenUsage"),
    )


def _message(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """LangChain's message, of the first generation; its fields stand in `kwargs`."""
    generation = outputs.get("generations")
    for _ in range(DEEPEST):
        if isinstance(generation, list):
            generation = next(iter(generation), None)
    message = inside(generation, "message")
    return inside(message, "kwargs") or message


def _tools(outputs: Mapping[str, Any]) -> str | None:
    """Of an answer of OpenAI's Responses API the calls alone, among them those of its own tools."""
    items = outputs.get("output")
    listed = items if isinstance(items, list) else []
    calls = [each for each in listed if str(inside(each).get("type")).endswith("_call")]
    if not calls:
        return None
    return msgspec.json.encode({"output": calls}).decode()


def _server_tools(usages: Iterator[Any]) -> dict[str, Any]:
    """Anthropic's own tools: in its usage, which LangChain keeps beside the one that it makes."""
    used = (inside(usage, "server_tool_use") for usage in usages)
    counts = next(filter(None, used), NOTHING)
    return {places[0]: counts.get(tool) for tool, places in names.SERVER_TOOL.items()}


def _id(told: tuple[Mapping[str, Any], ...]) -> str | None:
    ids = (each.get("id") for each in told)
    return next((id for id in ids if isinstance(id, str) and not id.startswith(OWN_IDS)), None)


def _finish(outputs: Mapping[str, Any], told: tuple[Mapping[str, Any], ...]) -> str | None:
    choices = outputs.get("choices")
    first = next(iter(choices), None) if isinstance(choices, list) else None
    return _text((inside(first), *told), "finish_reason", "stop_reason")


def _text(told: tuple[Mapping[str, Any], ...], *of: str) -> str | None:
    return next(_texts(told, of), None)


def _texts(told: tuple[Mapping[str, Any], ...], of: tuple[str, ...]) -> Iterator[str]:
    for each in told:
        for name in of:
            if isinstance(value := each.get(name), str) and value:
                yield value
