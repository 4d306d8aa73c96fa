"""Canonical model names: one name per model and provider, whatever a log or a bill calls it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import Final, NamedTuple

import pyarrow as pa
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import Provider

from ingestion.contracts import INSTANT
from ingestion.prices.model_spellings import fine_tuned_base, loose_spellings, spellings

MODEL_NAMES: Final = pa.schema(
    [
        ("provider", pa.string()),
        ("raw_model", pa.string()),
        ("model", pa.string()),
        ("source", pa.string()),
        ("first_seen", INSTANT),
    ]
)
AS_LOGGED: Final = "as_logged"
# Publishers are part of its names: `anthropic/claude-…` and `acme/claude-…` are two models.
RESELLER: Final = "openrouter"


class SeenModel(NamedTuple):
    """`raw_model`: trimmed, in lower case. `first_seen`: UTC."""

    provider: str
    raw_model: str
    first_seen: datetime | None = None


class Known(NamedTuple):
    model: str
    source: str


# A list of models: the model that one spelling of a name is there.
NameList = Callable[[str], Known | None]


def provider_id(word: str) -> str:
    """The provider as genai-prices calls it; a word that it does not know stays."""
    found = find_provider_by_id(get_snapshot().providers, word)
    return found.id if found else word


def canonical_model(raw: str, word: str) -> str:
    """A model of genai-prices, or the cleaned raw name."""
    provider = find_provider_by_id(get_snapshot().providers, word)
    found = _known(spellings(raw), [_genai_prices(provider)])
    return found.model if found else _cleaned(raw, provider)


def model_names(
    seen: Iterable[SeenModel],
    mapped: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType({}),
) -> pa.Table:
    """Every name seen: a model of a list, or the cleaned raw name.

    `mapped`: (provider, name) of a price map -> the model it is here, and which map says so. It
    is asked after genai-prices; both are asked for the whole name before its suffixes go.

    A fine-tuned model is a model of its own, `ft:<base>`: bills do not tell one fine-tune of a
    base from another.
    """
    listed = get_snapshot().providers
    rows = []
    for word, raw, first_seen in sorted(seen, key=lambda name: name[:2]):
        provider = find_provider_by_id(listed, word)
        key = provider.id if provider else word
        lists = [_genai_prices(provider), _price_map(mapped, key)]
        known = (
            _known(spellings(raw), lists)
            or _known(loose_spellings(raw), lists)
            or _fine_tune(raw, lists)
            or Known(_cleaned(raw, provider), AS_LOGGED)
        )
        rows.append(
            {"provider": word, "raw_model": raw, **known._asdict(), "first_seen": first_seen}
        )
    return pa.Table.from_pylist(rows, schema=MODEL_NAMES)


def _known(names: Iterable[str], lists: Iterable[NameList]) -> Known | None:
    """Of the first list that knows any of the names."""
    tried = list(names)
    return next((found for ask in lists for name in tried if (found := ask(name))), None)


def _genai_prices(provider: Provider | None) -> NameList:
    listed = get_snapshot().providers
    source = f"genai-prices {version('genai-prices')}"

    def ask(name: str) -> Known | None:
        found = provider.find_model(name, all_providers=listed) if provider else None
        # a base model's price is not that of its fine-tune
        if found is None or (fine_tuned_base(name) and not found.id.startswith("ft:")):
            return None
        return Known(found.id, source)

    return ask


def _price_map(mapped: Mapping[tuple[str, str], tuple[str, str]], provider: str) -> NameList:
    def ask(name: str) -> Known | None:
        found = mapped.get((provider, name))
        return Known(*found) if found else None

    return ask


def _fine_tune(raw: str, lists: Iterable[NameList]) -> Known | None:
    """A fine-tune without a price of its own is known by its base."""
    base = next(filter(None, map(fine_tuned_base, spellings(raw))), None)
    if base is None:
        return None
    found = _known(loose_spellings(base), lists)
    return found and Known(f"ft:{found.model}", found.source)


def _cleaned(raw: str, provider: Provider | None) -> str:
    names = list(spellings(raw))
    if provider is not None and provider.id == RESELLER:
        return next((name for name in names if not name.startswith(f"{RESELLER}/")), names[-1])
    return names[-1]
