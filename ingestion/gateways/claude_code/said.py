"""What a call of Claude Code says, under the names that spans are read by (../spans/names.py)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.spans import names
from ingestion.gateways.spans.values import first_count, first_text

# Its own mark of a model with a long context: `claude-opus-4-8[1m]`.
CONTEXT_MARK: Final = re.compile(r"\[\w+\]$")
# What it calls an answer that no model gave.
SYNTHETIC: Final = "<synthetic>"
# How an answer's id begins where another provider than Anthropic served it.
SERVED_BY: Final = {"msg_bdrk_": "aws.bedrock", "msg_vrtx_": "gcp.vertex_ai"}

# Nobody answered that the call was refused: what it used is not known.
NO_ANSWER: Final = "connection_error"


def a_call(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """The parts together, without what is not said."""
    call: dict[str, Any] = {"gen_ai.operation.name": "chat"}
    for part in parts:
        call |= {name: value for name, value in part.items() if value is not None}
    return call


def counts(usage: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """Counts by their place in the record, which a refusal names; `places`: part -> place."""
    return {names.COUNTS[part][0]: first_count(usage, (place,)) for part, place in places.items()}


def model_name(said: Any) -> str | None:
    name = first_text({"model": said}, ("model",))
    return None if name is None or name == SYNTHETIC else CONTEXT_MARK.sub("", name)


def server_of(answer: str | None) -> str | None:
    """Who served it, as its id tells; Anthropic's own ids tell nothing more."""
    return next((by for start, by in SERVED_BY.items() if (answer or "").startswith(start)), None)


def http_code(status: Any) -> str | None:
    """Of a failed call; another word than a number says that nobody answered."""
    code = first_text({"status": status}, ("status",))
    return code if code is not None and code.isdecimal() and len(code) == 3 else None


def error_class(status: Any, error: Any) -> str | None:
    """The word for a failure; what else stands there is a text."""
    if isinstance(error, str) and error.isidentifier() and len(error) <= 64:
        return error
    return None if http_code(status) else NO_ANSWER
