"""The calls of models that one entry of Kong's log tells: under `ai`, a plugin each.

Since 3.8 the proxied call is `ai.proxy`; before, it was named after its plugin (`ai.ai-proxy`).
Plugins that ask a model themselves stand beside it (a transformer) or in it (a judge).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ingestion.reading.unreadable import Unreadable, shown

PROXIES: Final = ("proxy", "ai-proxy", "ai-proxy-advanced")
# What a plugin says, beside what is in it.
PARTS: Final = frozenset(("meta", "usage", "cache", "payload"))
MODELS: Final = ("request_model", "response_model", "provider_name")
# Puts found texts before a prompt, for which it asks for an embedding of the prompt.
RETRIEVER: Final = "rag-inject"
# Its `request_model` is the one that it judges; it is `response_model` itself.
JUDGE: Final = "ai-llm-as-judge"
EMBEDDED: Final = ("embeddings_model", "embeddings_provider", "embeddings_tokens")


@dataclass(frozen=True, slots=True)
class Call:
    """`place`: where it stands in the entry. `is_proxied`: it is the client's own call."""

    place: str
    meta: Mapping[str, Any]
    usage: Mapping[str, Any]
    cache: Mapping[str, Any]
    is_proxied: bool = False
    is_embedding: bool = False


def calls_of(entry: Mapping[str, Any]) -> list[Call]:
    """The proxied call first; empty where the entry is of no model."""
    told = entry.get("ai")
    if told is None:
        return []
    if not isinstance(told, dict):
        raise Unreadable("ai", "not an object", value=shown(told))
    proxied = next((name for name in PROXIES if _is_call(told.get(name))), None)
    names = sorted(told, key=lambda name: name != proxied)
    return [
        call
        for name in names
        if isinstance(told[name], dict)
        for call in _of_plugin(told[name], name, is_proxied=name == proxied)
    ]


def _of_plugin(plugin: Mapping[str, Any], name: str, *, is_proxied: bool) -> Iterator[Call]:
    if _is_call(plugin):
        yield _call(plugin, f"ai.{name}", is_proxied=is_proxied)
    for inner, said in plugin.items():
        if inner in PARTS or not isinstance(said, dict):
            continue
        if _is_call(said):
            asked = _call(said, f"ai.{name}.{inner}")
            judge = {"request_model": asked.meta.get("response_model")} if inner == JUDGE else {}
            yield replace(asked, meta={**asked.meta, **judge})
        elif inner == RETRIEVER and said.get(EMBEDDED[2]) is not None:
            model, provider, tokens = (said.get(each) for each in EMBEDDED)
            meta = {"request_model": model, "provider_name": provider}
            usage = {"prompt_tokens": tokens}
            yield Call(f"ai.{name}.{inner}", meta, usage, {}, is_embedding=True)


def _call(plugin: Mapping[str, Any], place: str, *, is_proxied: bool = False) -> Call:
    meta, usage, cache = (_object(plugin.get(part)) for part in ("meta", "usage", "cache"))
    return Call(place, meta, usage, cache, is_proxied)


def _is_call(plugin: Any) -> bool:
    """It names a model or who was asked, or counts tokens."""
    if not isinstance(plugin, dict):
        return False
    meta, usage = _object(plugin.get("meta")), _object(plugin.get("usage"))
    return any(name in meta for name in MODELS) or any("token" in name for name in usage)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
