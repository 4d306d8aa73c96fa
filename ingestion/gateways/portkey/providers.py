"""Who bills a call of Portkey's log: the host that was called, else Portkey's word for it."""

from typing import Final

from ingestion.gateways.portkey.call import Call
from ingestion.reading.providers import canonical_provider, provider_of_host, provider_of_model

# Its words for providers that have another name here.
WORDS: Final = {
    "azure-openai": "azure",
    "azure-ai": "azure",
    "fireworks-ai": "fireworks_ai",
    "mistral-ai": "mistral",
    "perplexity-ai": "perplexity",
    "together-ai": "together_ai",
    "vertex-ai": "google",
    "x-ai": "xai",
}


def provider_of(call: Call, model: str | None) -> str | None:
    if host := provider_of_host(call.url if "://" in (call.url or "") else None):
        return host
    word = (call.provider or "").strip().lower()
    # a saved provider is called `@slug`
    if word and not word.startswith("@"):
        return WORDS.get(word) or canonical_provider(word)
    return provider_of_model(model) if model else None
