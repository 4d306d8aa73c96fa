"""Who bills the call of a span: by the host that was called, else as the conventions name it."""

from typing import Final

from ingestion.gateways.spans.names import HOST, PROVIDER, PROVIDER_OF_CLIENT
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_text
from ingestion.reading.providers import canonical_provider, provider_of_host, provider_of_model

# `gen_ai.provider.name`, and `gen_ai.system` before it.
CONVENTIONS: Final = {
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "az.ai.openai": "azure",
    "az.ai.inference": "azure",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "gcp.gemini": "google",
    "ibm.watsonx.ai": "watsonx",
    "mistral_ai": "mistral",
    "x_ai": "xai",
}
# Vercel's AI SDK has the API behind a dot: `openai.chat`, `google.vertex.chat`.
CLIENTS: Final = {
    "amazon-bedrock": "aws",
    "azure-openai": "azure",
    "google-vertex": "google",
    # LangChain's
    "amazon_bedrock": "aws",
    "azure_openai": "azure",
    "google_genai": "google",
    "google_vertexai": "google",
    "google_anthropic_vertex": "google",
    "mistralai": "mistral",
    "fireworks": "fireworks_ai",
    "together": "together_ai",
}
# What a library says that does not know.
UNKNOWN: Final = frozenset(("", "unknown", "_other", "custom"))


def span_provider(span: Span, model: str | None) -> str | None:
    hosts = (provider_of_host(first_text(span.said, (name,))) for name in HOST)
    if host := next(filter(None, hosts), None):
        return host
    said = first_text(span.said, PROVIDER) or first_text(span.said, PROVIDER_OF_CLIENT) or ""
    said = said.lower()
    if said not in CONVENTIONS:
        said = said.partition(".")[0]
    if said not in UNKNOWN:
        return CONVENTIONS.get(said) or CLIENTS.get(said) or canonical_provider(said)
    return provider_of_model(model) if model else None
