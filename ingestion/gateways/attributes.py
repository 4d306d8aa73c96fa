"""Evidence of who caused a request: tags, metadata and headers as one JSON text.

Only scalars land, and neither secrets nor anything under a name that prompts and answers have.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from ingestion.gateways.tags import DEEPEST, LONGEST, tags_of

SECRET: Final = re.compile(
    r"authorization|cookie|secret|passw|credential|token$|api[-_]?key|^auth$"
)
KEY_HEADER: Final = re.compile(r"key|token|auth|cookie|secret|passw|credential|signature")
WORDS: Final = frozenset(
    (
        *("prompt", "prompts", "message", "messages", "content", "contents", "input", "inputs"),
        *("output", "outputs", "response", "completion", "text", "body"),
        *("query", "question", "answer"),
    )
)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")

Scalar = str | int | float | bool


def attributes(
    tags: Mapping[str, Any], labels: list[str], metadata: Mapping[str, Any], headers: Mapping
) -> str:
    """Compact JSON with sorted keys; a group that is empty is left out."""
    groups = {"tags": tags, "labels": labels, "metadata": metadata, "headers": headers}
    return _ENCODER.encode({name: group for name, group in groups.items() if group}).decode()


def flatten(*sources: Any, leave_out: frozenset[str] = frozenset()) -> dict[str, Scalar]:
    """Scalars by lower-case dotted path; of equal paths the first source that says something."""
    flat: dict[str, Scalar] = {}
    for source in sources:
        if isinstance(source, dict):
            for path, value in _scalars(source, "", leave_out, DEEPEST):
                flat.setdefault(path, value)
    return flat


def _scalars(
    source: Mapping[str, Any], prefix: str, leave_out: frozenset[str], depth: int
) -> Iterator[tuple[str, Scalar]]:
    for key, value in source.items():
        name = key.lower()
        if name in leave_out or name in WORDS or SECRET.search(name):
            continue
        if isinstance(value, dict) and depth:
            yield from _scalars(value, f"{prefix}{name}.", frozenset(), depth - 1)
        elif isinstance(value, list):
            yield from _listed(value, prefix + name)
        elif _is_scalar(value):
            yield prefix + name, value


def _listed(values: list[Any], path: str) -> Iterator[tuple[str, Scalar]]:
    """Of a list its first scalar, and what its objects with a key and a value say."""
    scalars = (value for value in values if _is_scalar(value))
    if (first := next(scalars, None)) is not None:
        yield path, first
    for key, value in tags_of([entry for entry in values if isinstance(entry, dict)]):
        yield f"{path}.{key}", value


def plain_headers(headers: Any) -> dict[str, str]:
    """Headers by lower-case name, without those that carry keys or cookies."""
    if not isinstance(headers, dict):
        return {}
    return {
        name.lower(): value
        for name, value in headers.items()
        if isinstance(value, str) and len(value) <= LONGEST and not KEY_HEADER.search(name.lower())
    }


def _is_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST and bool(value.strip())
    return isinstance(value, int | float)
