"""Who a LiteLLM call was sent to, where the record does not say it itself, as in release 1.55."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ingestion.gateways.litellm.record import Metadata, Record, Section, text
from ingestion.reading.providers import (
    canonical_provider,
    provider_of_host,
    provider_of_model,
    provider_of_prefix,
)


class _ModelMap(Section):
    model_map_key: Any = None


_MODEL_MAP: Final = msgspec.json.Decoder(_ModelMap)


def provider(record: Record, metadata: Metadata, failed: bool) -> str | None:
    """As logged, else by the host that was called, a prefix of a name, or the model's family.

    The host goes first: `anthropic/claude-…` at openrouter.ai is billed by OpenRouter. A
    failed call whose provider a release leaves empty was refused before it was sent anywhere, so
    its family proves nothing.
    """
    said = canonical_provider(text(record.custom_llm_provider))
    if said is not None:
        return said
    hidden = record.hidden_params
    for url in (record.api_base, hidden.api_base if hidden else None):
        if host := provider_of_host(text(url)):
            return host
    names = list(_names(record, metadata))
    prefixes = (provider_of_prefix(name) for name in names)
    prefix = next(filter(None, prefixes), None)
    if prefix or (failed and record.custom_llm_provider is not msgspec.UNSET):
        return prefix
    return next(filter(None, map(provider_of_model, names)), None)


def mapped_model(record: Record, metadata: Metadata) -> str | None:
    """What LiteLLM's price map calls the model: a deployment's `base_model`, else its own name."""
    for literal in (record.model_map_information, metadata.model_map_information):
        try:
            key = text(_MODEL_MAP.decode(literal).model_map_key)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # absent, or of a shape nobody knows: no evidence
        if key:
            return key
    return None


def _names(record: Record, metadata: Metadata) -> Iterator[str]:
    """Names of the routed model; LiteLLM's own, with the whole prefix, before what is logged."""
    hidden = record.hidden_params
    logged = (text(hidden.litellm_model_name) if hidden else None, text(record.model))
    return (name for name in (*logged, mapped_model(record, metadata)) if name)
