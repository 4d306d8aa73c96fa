"""LiteLLM's price map, dated: what each snapshot lists holds until the next one.

A map says what costs what and not since when. A snapshot's day is its own, or when it was first
seen, see `price_map_store`; before it the map knows nothing.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from ingestion.contracts import END
from ingestion.prices.litellm_map_entries import UnreadableEntry, entry_prices
from ingestion.prices.model_names import canonical_model, provider_id
from ingestion.prices.model_spellings import CLOUD_REGION, ROUTES, ZONES
from ingestion.reading.providers import canonical_provider

SOURCE: Final = "litellm"
ANY_REGION: Final = "*"
# `1024-x-1024/50-steps/…`: the price of one size of an image is not the model's.
SIZES: Final = re.compile(r"\d+-x-\d+|\d+-steps|max-steps|\d+-month-commitment")
# The map's own documentation of its keys.
SAMPLE: Final = "sample_spec"


class PriceKey(NamedTuple):
    provider: str
    model: str
    meter: str
    service_tier: str
    region: str
    context_above: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`version`: its date or moment, and hash; `holds_from`: UTC."""

    version: str
    holds_from: datetime
    data: bytes


@dataclass(slots=True)
class PriceMap:
    """`names`: (provider, name as the map has it) -> model. `unreadable`: entries, and why.
    `disagreeing`: prices that entries of one model name differently."""

    prices: dict[PriceKey, Decimal] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DatedPrices:
    """`rows`: of the price book. `names`: (provider, name) -> model, and the map that says so.

    Providers are those of genai-prices where it knows them.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    names: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


def read_price_map(data: bytes) -> PriceMap:
    """Raises ValueError where it is no JSON object of entries."""
    # msgspec refuses the NaN that Python's own writer makes; here it spoils its entry only
    entries = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=Decimal)
    if not isinstance(entries, dict):
        raise ValueError("its top level is not an object of models")
    found = PriceMap()
    said: defaultdict[PriceKey, list[tuple[bool, Mapping[int, Decimal]]]] = defaultdict(list)
    for name, entry in entries.items():
        if name == SAMPLE or any(SIZES.fullmatch(part) for part in name.split("/")):
            continue
        try:
            _read_entry(name, entry, found, said)
        except UnreadableEntry as error:
            found.unreadable.append(f"{name}: {error}")
    for key, bands in said.items():
        if (agreed := _agreed(bands)) is None:
            found.disagreeing.append(_described(key))
            continue
        for above, price in agreed.items():
            found.prices[key._replace(context_above=above)] = price
    return found


def _described(key: PriceKey) -> str:
    usual = ("standard", ANY_REGION)
    more = [part for part in (key.service_tier, key.region) if part not in usual]
    return ", ".join([f"{key.model} of {key.provider}", key.meter, *more])


def _read_entry(
    name: str,
    entry: Any,
    found: PriceMap,
    said: dict[PriceKey, list[tuple[bool, Mapping[int, Decimal]]]],
) -> None:
    if not isinstance(entry, Mapping):
        raise UnreadableEntry("not an object of costs")
    listed = entry.get("litellm_provider")
    word = canonical_provider(listed) if isinstance(listed, str) else None
    prices = entry_prices(name, entry)
    if word is None:
        return
    provider = provider_id(word)
    bare, region = _without_route(name.lower(), str(listed).lower())
    model = canonical_model(bare, provider)
    found.names.update({(provider, spelled): model for spelled in (name.lower(), bare, model)})
    for (meter, tier), bands in prices.items():
        key = PriceKey(provider, model, meter, tier, region, 0)
        said[key].append((bare == model, bands))


def _without_route(name: str, listed: str) -> tuple[str, str]:
    """The name behind the gateway's route, and the region that the route says."""
    first, slash, rest = name.partition("/")
    if not slash or (first != listed and first not in ROUTES):
        return name, ANY_REGION
    region, slash, model = rest.partition("/")
    if slash and CLOUD_REGION.fullmatch(region):
        return model, region
    if slash and first == "azure" and region in ZONES:
        return model, ZONES[region]
    return rest, ANY_REGION


def _agreed(said: Sequence[tuple[bool, Mapping[int, Decimal]]]) -> Mapping[int, Decimal] | None:
    """Entries that are one model to us must agree; else that of its very name, else None."""
    exact = [bands for is_exact, bands in said if is_exact]
    bands, *others = exact or [bands for _, bands in said]
    return bands if all(other == bands for other in others) else None


def dated_prices(snapshots: Iterable[Snapshot]) -> DatedPrices:
    """A price that the next snapshot repeats goes on; of one moment's snapshots the last counts."""
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.holds_from)
    ends = [later.holds_from for later in ordered[1:]] + [END] * bool(ordered)
    found = DatedPrices()
    standing: dict[PriceKey, dict[str, Any]] = {}
    for snapshot, end in zip(ordered, ends, strict=True):
        if snapshot.holds_from == end:
            continue
        listed = read_price_map(snapshot.data)
        day = snapshot.holds_from.date()
        found.names |= {name: (model, f"{SOURCE} {day}") for name, model in listed.names.items()}
        now: dict[PriceKey, dict[str, Any]] = {}
        for key, price in listed.prices.items():
            row = standing.get(key)
            if row is None or row["unit_price_per_million"] != price:
                row = _row(key, price, snapshot)
            now[key] = row | {"valid_to": end, "checked_on": day}
        found.rows += [row for key, row in standing.items() if not _goes_on(row, now.get(key))]
        standing = now
    found.rows += standing.values()
    return found


def _goes_on(row: dict[str, Any], later: dict[str, Any] | None) -> bool:
    return later is not None and later["valid_from"] == row["valid_from"]


def _row(key: PriceKey, price: Decimal, snapshot: Snapshot) -> dict[str, Any]:
    return {
        **key._asdict(),
        "volume_above": 0,
        "unit_price_per_million": price,
        "valid_from": snapshot.holds_from,
        "source": SOURCE,
        "source_version": snapshot.version,
    }
