"""What is read of a logged request and answer, in any model's spelling.

Gemini's fields stand in Google's two spellings (`usageMetadata`, `usage_metadata`), so names are
compared without case and underscores. An answer that was streamed is a list of its parts; of what
several say the last stands, because counts are sums so far.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.reading.tags import json_value

# Objects of an answer that hold what the answer says: parts of a stream, of Claude's events.
WITHIN: Final = ("message", "delta")
MOST: Final = 100_000  # parts of one stream


def plain(name: str) -> str:
    return name.replace("_", "").lower()


def inner(value: Any, *names: str) -> Any:
    """What stands under a path of plain names."""
    for wanted in names:
        if not isinstance(value, Mapping):
            return None
        value = next((each for name, each in value.items() if plain(name) == wanted), None)
    return value


def opened(value: Any) -> Any:
    """A column of JSON: an object or a list, or a text of one."""
    return json_value(value) if isinstance(value, str) else value


def parts_of(answer: Any) -> list[Mapping[str, Any]]:
    """The answer's parts in their order, with what Claude's events hold."""
    listed = answer if isinstance(answer, list) else [answer]
    return list(_with_inner(each for each in listed[:MOST] if isinstance(each, Mapping)))


def _with_inner(parts: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        yield part
        for name in WITHIN:
            if isinstance(held := part.get(name), Mapping):
                yield held


def last(parts: list[Mapping[str, Any]], *names: str) -> Any:
    """What the last part says that says it."""
    said = (inner(part, *names) for part in reversed(parts))
    return next((value for value in said if value not in (None, "")), None)
