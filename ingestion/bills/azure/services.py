"""Which of Azure's services are AI: what any of these patterns knows becomes cost, nothing else."""

from typing import Final

from ingestion.bills.tables.patterns import Pattern, first_match
from ingestion.bills.tables.record import Record

_MAKERS: Final = (
    r"OpenAI|Anthropic|Claude|Mistral|Cohere|DeepSeek|xAI|Grok|Meta|Llama|AI21|Phi|Kimi|MAI"
    r"|Black Forest Labs|FLUX|Stability AI|Qwen"
)
# Column -> what it says of a service that is AI.
SERVICES: Final = {
    "MeterCategory": (
        Pattern(r"Foundry Models.*|Azure OpenAI.*", examples=("Foundry Models", "Azure OpenAI")),
    ),
    "MeterSubCategory": (
        Pattern(
            rf"(?:Azure )?(?:{_MAKERS})\b.*",
            examples=(
                *("Azure OpenAI", "Azure OpenAI GPT5", "Azure OpenAI Embedding"),
                *("Azure Deepseek Models", "Azure Llama Models"),
            ),
        ),
    ),
    # of what the marketplace sells, whose meters are of no category
    "PublisherName": (
        Pattern(
            r"(?:OpenAI|Anthropic|Mistral AI|Cohere|DeepSeek|xAI|AI21|Stability AI)\b.*",
            examples=("Anthropic", "Mistral AI", "Cohere Inc."),
        ),
    ),
    # of reservations, whose meter is of no category either
    "ProductOrderName": (
        Pattern(
            r".*\b(?:OpenAI|Foundry)\b.*\bProvisioned\b.*",
            examples=(
                "Azure AI Foundry Provisioned Throughput Reservation",
                "Azure OpenAI Service Provisioned",
            ),
        ),
    ),
    "Product": (
        Pattern(
            r".*\bProvisioned Managed\b.*|Azure OpenAI\b.*",
            examples=("Provisioned Managed Global, 1 Year", "Azure OpenAI - gpt 4o Inp glbl"),
        ),
    ),
}


def is_ai(record: Record) -> bool:
    return any(
        first_match(patterns, said) is not None
        for name, patterns in SERVICES.items()
        if (said := record.text(name))
    )
