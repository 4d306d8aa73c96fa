"""What a call of Codex says, under the names that spans are read by (../spans/names.py)."""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.spans import names
from ingestion.gateways.spans.values import first_count, first_text

# Providers of its settings that are one by name. Whoever gives another a name of his own has a
# proxy, and the model tells whose it is.
PROVIDERS: Final = {
    "openai": "openai",
    "azure": "azure",
    "amazon-bedrock": "aws.bedrock",
    **{own: own for own in ("ollama", "lmstudio")},
}


def a_call(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """The parts together, without what is not said. Codex streams every call."""
    call: dict[str, Any] = {"gen_ai.operation.name": "responses", names.STREAM[0]: True}
    for part in parts:
        call |= {name: value for name, value in part.items() if value is not None}
    return call


def counts(usage: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """Counts by their place in the record, which a refusal names; `places`: part -> place."""
    return {names.COUNTS[part][0]: first_count(usage, (place,)) for part, place in places.items()}


def text(value: Any) -> str | None:
    return first_text({"": value}, ("",))
