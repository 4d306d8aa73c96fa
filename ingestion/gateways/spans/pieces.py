"""Calls of the provider's own tools that a span tells: Anthropic's in its counts, OpenAI's in the
answer that it repeats.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.names import ANSWER, SERVER_TOOL, SERVER_TOOLS, USAGE_OBJECT
from ingestion.gateways.spans.values import first_count
from ingestion.reading.usage.server_tools import OutputItem, server_tools


class _Answer(Struct, gc=False):
    output: list[OutputItem] | None = None


_ANSWER: Final = msgspec.json.Decoder(_Answer)
# What an answer with such a call has in its text: most have none, and are not decoded.
CALLS: Final = ("web_search_call", "file_search_call", "code_interpreter_call")


def span_tools(said: Mapping[str, Any]) -> dict[str, int]:
    """By meter."""
    return server_tools(
        _items(said.get(ANSWER)),
        searches=_counted(said, "web_search_requests"),
        ran_code=_counted(said, "code_execution_requests") > 0,
    )


def _counted(said: Mapping[str, Any], key: str) -> int:
    if count := first_count(said, SERVER_TOOL[key]):
        return count
    counts = (first_count(each, (key,)) for each in _objects(said) if isinstance(each, dict))
    return next(filter(None, counts), 0)


def _objects(said: Mapping[str, Any]) -> Iterator[Any]:
    yield from (held(said[place]) for place in SERVER_TOOLS if place in said)
    usage = held(said.get(USAGE_OBJECT))
    if isinstance(usage, dict):
        yield usage.get("server_tool_use")


def _items(answer: Any) -> list[OutputItem]:
    """Nothing of an answer that was cut, or of a shape that nobody knows."""
    if not isinstance(answer, str) or not any(call in answer for call in CALLS):
        return []
    try:
        return _ANSWER.decode(answer).output or []
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return []
