"""Words that all of Anthropic's reports share, in those of the contract."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.lines.amounts import RowError, count, text
from ingestion.records import Row

CENT: Final = Decimal("0.01")
METERS: Final = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
    "server_tool_use.web_search_requests": "web_searches",
}
# cost_type -> (charge_kind, meter) of what is not counted in tokens.
TOOLS: Final[dict[str, tuple[str, str | None]]] = {
    "web_search": ("tool", "web_searches"),
    "code_execution": ("tool", "code_sessions"),
    "session_usage": ("session", None),
}
FAST: Final = "fast"
_TIERS: Final = {"flex_discount": "flex", "priority_on_demand": "priority"}
_BANDS: Final = {"0-200k": "base", "200k-1M": "long"}


def claude_keys(result: Mapping[str, Any]) -> Row:
    """The keys that every row may have. Fast mode has a price of its own: it is the tier."""
    tier = text(result.get("service_tier"), "service_tier")
    band = text(result.get("context_window"), "context_window")
    region = text(result.get("inference_geo"), "inference_geo")
    speed = text(result.get("speed"), "speed")
    tier = _TIERS.get(tier, tier) if tier else None
    return {
        "sub_account_id": text(result.get("workspace_id"), "workspace_id"),
        "model": text(result.get("model"), "model"),
        "service_tier": FAST if speed == FAST else tier,
        "context_band": _BANDS.get(band, band) if band else None,
        "region": None if region == "not_available" else region,
    }


def meters_of(usage: Mapping[str, Any]) -> dict[str, int]:
    """Tokens and searches by meter; raises RowError for what is no count."""
    meters = {}
    for path, meter in METERS.items():
        value: Any = usage
        for step in path.split("."):
            if value is not None and not isinstance(value, Mapping):
                raise RowError(path, "not an object")
            value = value.get(step) if value is not None else None
        meters[meter] = count(value, path)
    return meters
