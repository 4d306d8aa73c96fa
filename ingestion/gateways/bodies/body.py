"""Bodies of requests and answers as gateways keep them: objects, or JSON in a text."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ingestion.gateways.spans.values import first_text
from ingestion.reading.tags import json_value

Body = Mapping[str, Any]
NOTHING: Final[Body] = MappingProxyType({})


def body_of(value: Any) -> Body:
    """Empty where no body is kept, or it is none of an API of models."""
    found = json_value(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else NOTHING


def inside(body: Body, *path: str) -> Body:
    """The object at a path; an empty one where there is none."""
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else NOTHING


def text_in(body: Body, *names: str) -> str | None:
    """The first of the names that says a word or a number."""
    return first_text(body, names)


def first_in(body: Body, name: str) -> Body:
    """The first object of a list."""
    value = body.get(name)
    first = next(iter(value), None) if isinstance(value, list) else None
    return first if isinstance(first, dict) else NOTHING
