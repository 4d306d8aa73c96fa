"""What a span's `metrics` count, and what they cost.

Counts contain: cache reads and writes are input, reasoning is output. `estimated_*_cost` are
billionths of a dollar; `total_cost` is what a caller said, LiteLLM's callback among them, in
dollars. LiteLLM's own usage has more than it puts into metrics: how long cache writes live, and
calls of Anthropic's tools.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.langsmith.usage import told, usage_said
from ingestion.gateways.spans import names
from ingestion.gateways.spans.values import first_count, first_number

COUNTS: Final[Mapping[str, str]] = {
    "input": "input_tokens",
    "output": "output_tokens",
    "total": "total_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write": "cache_write_input_tokens",
    "cache_write_5m": "ephemeral_5m_input_tokens",
    "cache_write_1h": "ephemeral_1h_input_tokens",
    "reasoning": "reasoning_output_tokens",
}
WHOLES: Final = ("input", "output", "total")
BILLIONTHS: Final = "estimated_total_cost"
DOLLARS: Final = "total_cost"
FIRST_TOKEN: Final = "time_to_first_token"


def metrics_said(metrics: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    counts = {part: first_count(metrics, (metric,)) for part, metric in COUNTS.items()}
    # zeros stand where nobody counted
    is_told = any(counts[part] for part in WHOLES)
    said: dict[str, Any] = {names.COST[0]: _cost(metrics)}
    if is_told:
        said |= {names.COUNTS[part][0]: count for part, count in counts.items()}
    usage = metadata.get("usage_object")
    said |= usage_said(told((usage,)))
    tools = usage.get("server_tool_use") if isinstance(usage, dict) else None
    for name, places in names.SERVER_TOOL.items():
        said[places[0]] = tools.get(name) if isinstance(tools, dict) else None
    return said


def first_token(metrics: Mapping[str, Any], stream: Any) -> Decimal | None:
    """In seconds; LiteLLM's callback writes it of what is no stream, too."""
    return None if stream is False else first_number(metrics, (FIRST_TOKEN,))


def _cost(metrics: Mapping[str, Any]) -> Decimal | None:
    billionths = first_number(metrics, (BILLIONTHS,))
    if billionths is not None:
        return billionths.scaleb(-9)
    return first_number(metrics, (DOLLARS,))
