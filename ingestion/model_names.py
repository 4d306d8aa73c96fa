"""Canonical model names: one name per model and provider, whatever a log or a bill calls it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

import pyarrow as pa
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import Provider

MODEL_NAMES: Final = pa.schema(
    [
        ("provider", pa.string()),
        ("raw_model", pa.string()),
        ("model", pa.string()),
        ("source", pa.string()),
    ]
)
AS_LOGGED: Final = "as_logged"

# Leading parts of a name that tell the route and not the model. They go one by one, and only as
# long as the name is unknown with them: `openai/` is part of groq's `openai/gpt-oss-120b`.
ROUTES: Final = frozenset(
    [
        *("openai", "text-completion-openai", "azure", "azure_ai", "azure_text", "anthropic"),
        *("bedrock", "converse", "invoke", "bedrock_converse", "responses", "chat"),
        *("vertex_ai", "vertex_ai_beta", "gemini", "google", "models", "publishers"),
        *("openrouter", "mistral", "groq", "xai", "deepseek", "cohere", "cohere_chat"),
        *("perplexity", "together_ai", "fireworks_ai", "litellm_proxy", "hosted_vllm", "ollama"),
    ]
)
CLOUD_REGION: Final = re.compile(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d")
INFERENCE_PROFILE: Final = re.compile(r"^(us-gov|us|eu|apac|global|jp|au|ca|sa|me|af)\.")
FINE_TUNED: Final = re.compile(r"^ft[:-]")


def provider_id(word: str) -> str:
    """The provider as genai-prices calls it; a word that it does not know stays."""
    found = find_provider_by_id(get_snapshot().providers, word)
    return found.id if found else word


def canonical_model(raw: str, word: str) -> str:
    """A model of genai-prices, or the cleaned raw name."""
    provider = find_provider_by_id(get_snapshot().providers, word)
    return (_listed(raw, provider) if provider else None) or _cleaned(raw, provider)


def model_names(
    raw_names: Iterable[str],
    providers: Iterable[str],
    mapped: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType({}),
) -> pa.Table:
    """Every raw name with every provider: a model of the price book, or the cleaned raw name.

    `mapped`: (provider, name) of a price map -> the model it is here, and which map says so; it
    is asked where genai-prices does not know the name.

    A fine-tuned model is a model of its own, `ft:<base>`: bills do not tell one fine-tune of a
    base from another.
    """
    listed = get_snapshot().providers
    known = f"genai-prices {version('genai-prices')}"
    rows = []
    for word in sorted(set(providers)):
        provider = find_provider_by_id(listed, word)
        for raw in sorted(set(raw_names)):
            model = _listed(raw, provider) if provider else None
            source = known
            if model is None:
                key = provider.id if provider else word
                model, source = next(
                    (mapped[key, name] for name in _spellings(raw) if (key, name) in mapped),
                    (_cleaned(raw, provider), AS_LOGGED),
                )
            rows.append({"provider": word, "raw_model": raw, "model": model, "source": source})
    return pa.Table.from_pylist(rows, schema=MODEL_NAMES)


def _listed(raw: str, provider: Provider) -> str | None:
    listed = get_snapshot().providers
    for name in _spellings(raw):
        found = provider.find_model(name, all_providers=listed)
        # a base model's price is not that of its fine-tune
        if found and (not FINE_TUNED.match(name) or FINE_TUNED.match(found.id)):
            return found.id
    return None


def _spellings(raw: str) -> Iterator[str]:
    """The name as it stands, then with one more leading route part gone each time."""
    name = raw.strip().lower()
    yield _fine_tune(name)
    while "/" in name:
        first, _, rest = name.partition("/")
        publisher = name.startswith("publishers/") and rest.count("/") >= 2
        if publisher:  # publishers/<publisher>/models/<model>
            rest = rest.split("/", 2)[2]
        elif first not in ROUTES and not CLOUD_REGION.fullmatch(first):
            return
        name = rest
        yield _fine_tune(name)
    if INFERENCE_PROFILE.match(name):
        yield INFERENCE_PROFILE.sub("", name)


def _fine_tune(name: str) -> str:
    """`ft-gpt-4o, …` of a bill and `ft:gpt-4o:org:name:id` of a log are spelled `ft:`."""
    return FINE_TUNED.sub("ft:", name)


def _cleaned(raw: str, provider: Provider | None) -> str:
    *_, name = _spellings(raw)
    if not FINE_TUNED.match(name):
        return name
    base = name.split(":")[1]
    return f"ft:{(_listed(base, provider) if provider else None) or base}"
