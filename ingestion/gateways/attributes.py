"""Evidence of who caused a request: tags, metadata and headers as one JSON text.

Only scalars land, and neither secrets nor anything under a name that prompts and answers have.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

LONGEST: Final = 256  # characters of a value
DEEPEST: Final = 8
SEPARATOR: Final = re.compile(r"[:=]")
# LiteLLM adds these itself.
AUTO_TAGS: Final = ("user-agent:", "credential:")
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


def split_tags(request_tags: Any) -> tuple[dict[str, str], list[str]]:
    """`key:value` and `key=value` by lower-case key, the first wins; other tags are labels."""
    tags: dict[str, str] = {}
    labels: list[str] = []
    for tag in _tag_texts(request_tags):
        if not isinstance(tag, str) or len(tag) > LONGEST or tag.lower().startswith(AUTO_TAGS):
            continue
        parts = SEPARATOR.split(tag, maxsplit=1)
        key = parts[0].strip().lower()
        if len(parts) == 2 and key:
            tags.setdefault(key, parts[1].strip())
        elif tag.strip() and tag not in labels:
            labels.append(tag)
    return tags, labels


def _tag_texts(request_tags: Any) -> Iterable[Any]:
    if isinstance(request_tags, dict):
        return [f"{key}:{value}" for key, value in request_tags.items() if _is_scalar(value)]
    return request_tags if isinstance(request_tags, list) else ()


def flatten(*sources: Any, leave_out: frozenset[str] = frozenset()) -> dict[str, Scalar]:
    """Scalars by lower-case dotted path; of equal paths the first source wins."""
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
        elif _is_scalar(value):
            yield prefix + name, value


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
        return len(value) <= LONGEST
    return isinstance(value, int | float)
