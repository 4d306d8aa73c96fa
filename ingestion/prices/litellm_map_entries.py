"""One entry of LiteLLM's price map as prices of meters.

Costs are per token, image, second, search, session or request; here they are per million. A meter
has the price of its own key or none, as in `price_meters`; a service tier has only what its own
keys say. A cost of 0 is what the map writes where it knows none: only what its name calls free is
free. `_above_272k_tokens` and the ranges of `tiered_pricing` switch the whole request.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ingestion.contracts import LIMIT, SCALE

# (meter, service tier) -> context_above -> price per million
Bands = dict[int, Decimal]
EntryPrices = dict[tuple[str, str], Bands]

MILLION: Final = 1_000_000
METERS: Final = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_token": "output",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
    "input_cost_per_request": "requests",
    "code_interpreter_cost_per_session": "code_sessions",
    "input_cost_per_character": "characters",
    "ocr_cost_per_page": "pages",
}
# Keys whose price is a meter's only under a condition of its own.
IMAGES: Final = ("output_cost_per_image", "input_cost_per_image")
# Mode -> the meter, and the keys of its price, of which one may stand for the other.
SECONDS: Final = {
    "audio_transcription": (
        "audio_seconds",
        ("input_cost_per_second", "output_cost_per_second"),
    ),
    "video_generation": (
        "video_seconds",
        ("output_cost_per_video_per_second", "output_cost_per_second"),
    ),
}
SEARCHES: Final = "search_context_cost_per_query"
OUTPUT_PARTS: Final = ("output_cost_per_reasoning_token", "citation_cost_per_token")
TIERS: Final = {"batches": "batch", "flex": "flex", "priority": "priority"}
KEY: Final = re.compile(rf"({'|'.join(METERS)})(?:_above_(\d+)k_tokens)?(?:_({'|'.join(TIERS)}))?")
FREE: Final = re.compile(r".*[:-]free")


class UnreadableEntry(ValueError):
    """A cost that is not a number of dollars; the message names its key."""


def entry_prices(name: str, entry: Mapping[str, Any]) -> EntryPrices:
    """Raises UnreadableEntry. `name`: the entry's key in the map."""
    found = _listed(entry)
    if not FREE.fullmatch(name.lower()):
        for key in [key for key, bands in found.items() if not all(bands.values())]:
            del found[key]
    _add_plain_writes(found)
    return _in_every_band(found)


def _listed(entry: Mapping[str, Any]) -> EntryPrices:
    """As the entry has them, 0 included, but for what depends on more than the meter."""
    found: defaultdict[tuple[str, str], Bands] = defaultdict(dict)
    for name, value in entry.items():
        if (match := KEY.fullmatch(name)) and value is not None:
            meter, above, tier = match.groups()
            key = (METERS[meter], TIERS.get(tier, "standard"))
            found[key][int(above or 0) * 1000] = per_million(name, value)
    for above, costs in _ranges(entry):
        for key, bands in _listed(costs).items():
            found[key][above] = bands[0]
    if entry.get("mode") == "image_generation":
        listed = [name for name in IMAGES if entry.get(name) is not None]
        for name in listed[:1]:
            found["images", "standard"][0] = per_million(name, entry[name])
    if second := SECONDS.get(str(entry.get("mode"))):
        meter, names = second
        prices = [per_million(name, entry[name]) for name in names if entry.get(name) is not None]
        if prices:
            found[meter, "standard"][0] = max(prices)
    if (search := _search_cost(entry.get(SEARCHES))) is not None:
        found["web_searches", "standard"][0] = per_million(SEARCHES, search)
    _drop_what_is_not_known(entry, found)
    return found


def per_million(name: str, value: Any) -> Decimal:
    """Costs are JSON numbers, read from their literal: float noise ends at 12 places."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        cost = Decimal(value)
        if cost.is_finite() and 0 <= cost * MILLION < LIMIT:
            return (cost * MILLION).quantize(SCALE)
    raise UnreadableEntry(f"{name}: {value!r} is not a number of dollars")


def _ranges(entry: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """Tiers of tokens; those of other units (results of a search) price no meter."""
    tiers = entry.get("tiered_pricing") or []
    try:
        return [(int(tier["range"][0]), tier) for tier in tiers if "range" in tier]
    except (TypeError, ValueError, LookupError, ArithmeticError):
        raise UnreadableEntry("tiered_pricing: not a list of ranges with costs") from None


def _search_cost(sizes: Any) -> Any:
    """Of three sizes of context, which the log does not tell apart: the one, else the medium."""
    if not isinstance(sizes, Mapping):
        return sizes
    costs = list(sizes.values())
    one = bool(costs) and all(cost == costs[0] for cost in costs)
    return costs[0] if one else sizes.get("search_context_size_medium")


def _drop_what_is_not_known(entry: Mapping[str, Any], found: EntryPrices) -> None:
    output = entry.get("output_cost_per_token")
    apart = [entry[part] for part in OUTPUT_PARTS if entry.get(part) is not None]
    ranged = [tier for _, tier in _ranges(entry)]
    if any(part != output for part in apart if output is not None) or any(
        tier.get(part) not in (None, tier.get("output_cost_per_token"))
        for tier in ranged
        for part in OUTPUT_PARTS
    ):
        _drop(found, "output")
    for name in entry.get("off_peak_pricing") or ():
        if name in METERS:
            _drop(found, METERS[name])  # the price depends on the hour


def _drop(found: EntryPrices, meter: str) -> None:
    for key in [key for key in found if key[0] == meter]:
        del found[key]


def _add_plain_writes(found: EntryPrices) -> None:
    """Who prices cache reads and no writes at all bills what is written as plain input."""
    if any(meter.startswith("cache_write") for meter, _ in found):
        return
    for tier in {tier for meter, tier in found if meter == "cache_read"}:
        if ("input", tier) in found:
            for meter in ("cache_write_5m", "cache_write_1h"):
                found[meter, tier] = dict(found["input", tier])


def _in_every_band(found: EntryPrices) -> EntryPrices:
    """A meter without a price of its own in a band of its tier keeps the one below."""
    starts: defaultdict[str, set[int]] = defaultdict(set)
    for (_, tier), bands in found.items():
        starts[tier] |= bands.keys()
    return {
        (meter, tier): {
            start: bands[max(reached)]
            for start in sorted(starts[tier])
            if (reached := [above for above in bands if above <= start])
        }
        for (meter, tier), bands in found.items()
    }
