"""Whose a FOCUS row is: the provider by Tollbook's name, and whether it is of an AI service."""

import re
from collections.abc import Mapping
from typing import Final

from ingestion.bills.azure.services import SERVICES as AZURE
from ingestion.bills.lines.amounts import RowError
from ingestion.bills.tables.patterns import Pattern, first_match
from ingestion.bills.tables.record import Record


def _provider(name: str, regex: str, *examples: str) -> Pattern:
    return Pattern(regex, {"provider": name}, examples)


# Of a company that provides, hosts or invoices; one that none knows is called as it says.
PROVIDERS: Final = (
    _provider(
        "aws",
        r"AWS|Amazon\b.*",
        "AWS",
        "Amazon Web Services, Inc.",
        "Amazon Web Services EMEA SARL",
    ),
    _provider("azure", r"(?:Microsoft|Azure)\b.*", "Microsoft", "Microsoft Azure"),
    _provider("google", r"(?:Google|GCP)\b.*", "Google Cloud", "Google", "GCP"),
    _provider("openai", r"OpenAI\b.*", "OpenAI", "OpenAI, L.L.C.", "OpenAI OpCo, LLC"),
    _provider("anthropic", r"Anthropic\b.*", "Anthropic", "Anthropic, PBC"),
    _provider("openrouter", r"Open ?Router\b.*", "OpenRouter", "OpenRouter, Inc."),
    _provider("mistral", r"Mistral\b.*", "Mistral AI"),
    _provider("cohere", r"Cohere\b.*", "Cohere", "Cohere Inc."),
    _provider("xai", r"x\.?AI\b.*", "xAI", "X.AI LLC"),
    _provider("groq", r"Groq\b.*", "Groq"),
    _provider("deepseek", r"Deep ?Seek\b.*", "DeepSeek"),
    _provider("together_ai", r"Together\b.*", "Together AI"),
    _provider("fireworks_ai", r"Fireworks\b.*", "Fireworks AI"),
    _provider("perplexity", r"Perplexity\b.*", "Perplexity AI"),
    _provider("databricks", r"Databricks\b.*", "Databricks", "Databricks, Inc."),
    _provider("snowflake", r"Snowflake\b.*", "Snowflake", "Snowflake Inc."),
    _provider("oracle", r"Oracle\b.*", "Oracle"),
)

_MODEL_MAKERS: Final = r"OpenAI|Anthropic|Mistral|Cohere|AI21|DeepSeek|xAI|Stability AI|Perplexity"
# A row is of an AI service where a pattern knows what one of its columns says.
AI_SERVICES: Final[Mapping[str, tuple[Pattern, ...]]] = {
    "provider": (
        Pattern(
            r"openai|anthropic|openrouter|mistral|cohere|xai|groq|deepseek|together_ai|fireworks_ai"
            r"|perplexity",
            examples=("openai", "together_ai"),
        ),
    ),
    "ServiceSubcategory": (Pattern(r"Generative AI", examples=("Generative AI",)),),
    "ServiceName": (
        Pattern(
            r"Amazon ?Bedrock.*|.+\(Amazon Bedrock Edition\)",
            examples=(
                *("Amazon Bedrock", "AmazonBedrock", "Amazon Bedrock AgentCore"),
                "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
            ),
        ),
        Pattern(
            r"(?:Azure |Microsoft )?(?:AI )?Foundry\b.*|Azure OpenAI.*",
            examples=("Azure OpenAI", "Azure AI Foundry", "Foundry Models"),
        ),
        Pattern(
            r"(?:Cloud )?Vertex AI.*|Gemini\b.*|Generative Language API",
            examples=("Vertex AI", "Gemini API", "Generative Language API"),
        ),
        Pattern(
            r"(?:.*\b)?(?:Foundation Models?|Model Serving|Cortex)\b.*",
            examples=("Mosaic AI Model Serving", "Snowflake Cortex", "Foundation Model APIs"),
        ),
        Pattern(
            r"(?:.*\b)?(?:generative ai|gen ?ai|llms?|large language models?|gpt|claude|copilot"
            r"|openai|anthropic)\b.*",
            examples=("Solora Generative AI API", "Claude Platform on AWS", "GitHub Copilot"),
        ),
    ),
    "PublisherName": (
        Pattern(rf"(?:{_MODEL_MAKERS})\b.*", examples=("Anthropic", "Mistral AI", "Cohere Inc.")),
    ),
    "ServiceProviderName": (
        Pattern(rf"(?:{_MODEL_MAKERS})\b.*", examples=("Anthropic, PBC", "OpenAI")),
    ),
    "x_ServiceCode": (
        Pattern(r"AmazonBedrock\w*", examples=("AmazonBedrock", "AmazonBedrockFoundationModels")),
    ),
    # what Azure's own export has under other names, where a row may be of no service
    "x_SkuMeterCategory": AZURE["MeterCategory"],
    "x_SkuMeterSubcategory": AZURE["MeterSubCategory"],
    "x_SkuOrderName": AZURE["ProductOrderName"],
    "x_SkuDescription": AZURE["Product"],
}
# What `provider_of` looks at, and what `is_ai` does beside it.
NAMES: Final = (*("ServiceProviderName", "HostProviderName", "ProviderName", "InvoiceIssuerName"),)
WHOSE: Final = (*NAMES, *(name for name in AI_SERVICES if name not in ("provider", *NAMES)))


def provider_of(record: Record) -> str:
    """Who meters and bills: a host that invoices itself, else who provides the service."""
    host, issuer = (_named(record, column) for column in ("HostProviderName", "InvoiceIssuerName"))
    if host and host == issuer:
        return host
    for column in ("ServiceProviderName", "ProviderName", "InvoiceIssuerName"):
        if provider := _named(record, column):
            return provider
    raise RowError("ServiceProviderName", "missing, as are ProviderName and InvoiceIssuerName")


def _named(record: Record, column: str) -> str | None:
    name = record.text(column)
    if name is None:
        return None
    known = first_match(PROVIDERS, name)
    return known["provider"] if known else re.sub(r"\W+", "_", name.lower()).strip("_") or None


def is_ai(record: Record, provider: str) -> bool:
    return any(
        first_match(patterns, said) is not None
        for column, patterns in AI_SERVICES.items()
        if (said := provider if column == "provider" else record.text(column))
    )
