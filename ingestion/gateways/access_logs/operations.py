"""What a call was for, by the path that was asked, which names the provider's API, or its model."""

import re
from typing import Final

CHAT: Final = "chat"
OPERATIONS: Final = (
    (re.compile(r"embed|\bbge-", re.IGNORECASE), "embeddings"),
    (re.compile(r"\brerank", re.IGNORECASE), "rerank"),
    (re.compile(r"\bresponses\b"), "responses"),
    (re.compile(r"\bimages?\b|imagegeneration", re.IGNORECASE), "image"),
    (re.compile(r"\baudio\b|\bspeech\b|\btranscri", re.IGNORECASE), "audio"),
)

# `gen_ai.operation.name` of OpenTelemetry.
OPERATION_NAMES: Final = {
    **dict.fromkeys(("chat", "text_completion", "generate_content"), CHAT),
    "embeddings": "embeddings",
    "rerank": "rerank",
}


def operation_of(path: str | None, model: str | None = None) -> str:
    """`chat` where they tell nothing else."""
    asked = (path or "").partition("?")[0]
    for said in (asked, model or ""):
        for named, kind in OPERATIONS:
            if named.search(said):
                return kind
    return CHAT
