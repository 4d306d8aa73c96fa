"""Lists and objects that stand in a text: as JSON, or as Python prints them.

LiteLLM's callback and Phoenix's data frames write attributes so.
"""

import ast
from collections.abc import Mapping
from typing import Any, Final

from ingestion.reading.tags import json_value

# A longer one is no list of tags and no caller's metadata.
LONGEST: Final = 16_384
PYTHON: Final = ("{'", "['", "[{'")


def held(value: Any) -> Any:
    """What a text holds, any other value as it is; None for a text that holds nothing."""
    if not isinstance(value, str):
        return value
    found = json_value(value)
    if found is not None or len(value) > LONGEST or not value.startswith(PYTHON):
        return found
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def opened(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Attributes whose `metadata`, an object in a text, stands as `metadata.<key>`."""
    metadata = held(said.get("metadata"))
    if not isinstance(metadata, dict):
        return said
    rest = {name: value for name, value in said.items() if name != "metadata"}
    return {f"metadata.{key}": value for key, value in metadata.items()} | rest
