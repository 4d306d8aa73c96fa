"""What FOCUS 1.5 says of a model by name: keys of SkuPriceDetails, earlier a vendor's columns."""

from collections.abc import Mapping
from typing import Final

from ingestion.bills.focus.columns import DETAILS, folded
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.tables.record import Record
from ingestion.vocabulary import METERS, SERVICE_TIERS

_WRITES: Final = {"1h": "cache_write_1h", "1hour": "cache_write_1h"}
_TIERS: Final = {"default": "standard", "ondemand": "standard", "flexdiscount": "flex"}
_BANDS: Final = {"base": "base", "short": "base", "0-200k": "base", "long": "long"}
_LONG: Final = ("200k-1m", "longcontext")


def details_of(record: Record) -> dict[str, str]:
    """By names of DETAILS, folded."""
    columns = {folded(name): record.text(f"x_{name}") for name in DETAILS}
    said = {key: text for key, text in columns.items() if text}
    try:
        details = record.mapping("SkuPriceDetails")
    except RowError:  # in words of its own: money is not lost for what only describes it
        details = {}
    return said | {folded(key.removeprefix("x_")): text.strip() for key, text in details.items()}


def sure_facts(details: Mapping[str, str]) -> dict[str, str]:
    """A direction alone leaves open whether the tokens are cached: see `direction`."""
    facts = {}
    if model := details.get("modelid") or details.get("model") or details.get("modelname"):
        facts["model"] = model
    if details.get("tokencacheaction") and (meter := _meter(details)):
        facts |= {"kind": "tokens", "meter": meter}
    tier = folded(details.get("servicetier", ""))
    tier = _TIERS.get(tier, tier)
    if tier in SERVICE_TIERS:
        facts["service_tier"] = tier
    band = folded(details.get("contextband") or details.get("contextwindow") or "")
    if band in _BANDS or band in _LONG:
        facts["context_band"] = _BANDS.get(band, "long")
    return facts


def direction(details: Mapping[str, str]) -> dict[str, str]:
    """For rows of which nothing else tells what is counted."""
    meter = _meter(details)
    return {"kind": "tokens", "meter": meter} if meter else {}


def _meter(details: Mapping[str, str]) -> str | None:
    side = details.get("tokendirection", "").lower()
    action = details.get("tokencacheaction", "").lower()
    if action == "read":
        return "cache_read"
    if action == "write":
        return _WRITES.get(folded(details.get("cachettl", "")), "cache_write_5m")
    modality = details.get("modality", "").lower()
    meter = f"{modality}_{side}" if modality in ("audio", "image") else side
    return meter if meter in METERS else None
