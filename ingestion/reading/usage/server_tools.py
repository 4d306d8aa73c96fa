"""Calls of the provider's own tools, as the answer of a call and its usage count them."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct


class OutputItem(Struct, gc=False):
    """Of `output` of an answer of OpenAI's Responses API."""

    type: Any = None
    status: Any = None
    action: Raw = Raw(b"null")
    container_id: Any = None


class _Action(Struct, gc=False):
    type: Any = None


_ACTION: Final = msgspec.json.Decoder(_Action)


def server_tools(
    items: Iterable[OutputItem], searches: int = 0, ran_code: bool = False
) -> dict[str, int]:
    """By meter. `searches` and `ran_code` are of the usage: OpenAI's stand in the items alone."""
    items = tuple(items)
    return {
        "web_searches": max(sum(_is_search(item) for item in items), searches),
        "file_searches": sum(item.type == "file_search_call" for item in items),
        "code_sessions": max(_code_sessions(items), int(ran_code)),
    }


def _is_search(item: OutputItem) -> bool:
    """OpenAI bills the action `search`; opening a page and finding a word in it are free."""
    if item.type != "web_search_call" or item.status == "failed":
        return False
    try:
        action = _ACTION.decode(item.action).type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        action = None
    return action is None or action == "search"


def _code_sessions(items: Iterable[OutputItem]) -> int:
    """Containers that ran code: OpenAI bills each once, however often it is called.

    Calls that do not name theirs ran in one. A container that later responses go on with is
    counted by each of them: only the bill knows whether it still lived.
    """
    named = (item.container_id for item in items if item.type == "code_interpreter_call")
    return len({name.strip() if isinstance(name, str) else "" for name in named})
