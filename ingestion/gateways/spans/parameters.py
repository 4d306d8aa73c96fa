"""What a call was asked with, where a dialect has it in one object, under the names of ./names.py.

Langfuse's `model_parameters`, OpenInference's `llm.invocation_parameters`: of these words of
vocabularies and whole numbers are read ("Infinity" is neither).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.names import ANSWER, TIER_SERVED
from ingestion.gateways.spans.span import Span

INVOCATION: Final = "llm.invocation_parameters"
PARAMETERS: Final = {
    "service_tier": "openai.request.service_tier",
    "max_tokens": "gen_ai.request.max_tokens",
    "stream": "gen_ai.request.stream",
}
PARAMETER: Final = re.compile(r"\d{1,9}|true|false|True|False|auto|default|flex|priority|batch")
# Within a text of the answer the quotes would be escaped.
TIER_IN_ANSWER: Final = re.compile(r'"service_tier":\s*"([a-z_]{1,40})"')


def asked(parameters: Any) -> Iterator[tuple[str, Any]]:
    for name, place in PARAMETERS.items():
        value = parameters.get(name) if isinstance(parameters, dict) else None
        if value is not None and PARAMETER.fullmatch(str(value)):
            yield place, str(value)


def read_openinference(span: Span) -> None:
    """What an attribute of its own says stays."""
    if INVOCATION in span.said:
        kept = dict(asked(held(span.said[INVOCATION])))
        span.said = {**kept, **dict(_served(span.said)), **span.said}


def _served(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """No attribute has the tier: it stands in the answer as the provider sent it."""
    answer = said.get(ANSWER)
    if isinstance(answer, str) and (found := TIER_IN_ANSWER.search(answer)):
        yield TIER_SERVED[0], found[1]
