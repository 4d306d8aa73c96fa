"""How a reader knows the providers."""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "aws": "AWS Bedrock",
    "azure": "Azure",
    "google": "Google Cloud",
    "gemini": "Gemini API",
    "openrouter": "OpenRouter",
    "xai": "xAI",
    "mistral": "Mistral",
    "deepseek": "DeepSeek",
    "fireworks": "Fireworks",
    "together": "Together",
    "groq": "Groq",
    "cohere": "Cohere",
    "databricks": "Databricks",
}


def provider_name(provider: str) -> str:
    return NAMES.get(provider, provider)
