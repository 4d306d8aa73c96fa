"""Which of Google's services are AI: what any of these knows becomes cost, nothing else."""

from typing import Final

from ingestion.bills.google.nested import NestedRecord
from ingestion.bills.tables.patterns import Pattern, first_match

VERTEX: Final = "C7E2-9256-1C43"
NAMES: Final = (
    Pattern(
        r"(?:Cloud )?Vertex AI(?: API)?|Gemini API|Generative Language API",
        examples=("Vertex AI", "Gemini API", "Generative Language API"),
    ),
    # models that partners sell are services of their own
    Pattern(
        r"(?:Anthropic|Claude|Mistral|Codestral|DeepSeek|Llama|Grok|Qwen|Jamba)\b.*",
        examples=("Claude Sonnet 4.5", "Mistral Medium 3"),
    ),
)


def is_ai(record: NestedRecord) -> bool:
    name = record.text("service.description")
    known = name is not None and first_match(NAMES, name) is not None
    return known or record.text("service.id") == VERTEX
