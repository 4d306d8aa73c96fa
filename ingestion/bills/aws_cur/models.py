"""Model ids of Bedrock, by the names that its usage types and products have for them.

A name that stands in neither table is kept as it is: models.csv says what it is.
"""

import re
from typing import Final

# Names without case, dots, dashes and spaces.
MODELS: Final = {
    "claude3haiku": "anthropic.claude-3-haiku-20240307-v1:0",
    "claude3sonnet": "anthropic.claude-3-sonnet-20240229-v1:0",
    "claude3opus": "anthropic.claude-3-opus-20240229-v1:0",
    "claude35haiku": "anthropic.claude-3-5-haiku-20241022-v1:0",
    "claude35sonnet": "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "claude35sonnetv2": "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "claude37sonnet": "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "claude4sonnet": "anthropic.claude-sonnet-4-20250514-v1:0",
    "claude4opus": "anthropic.claude-opus-4-20250514-v1:0",
    "claude41opus": "anthropic.claude-opus-4-1-20250805-v1:0",
    "claude45sonnet": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "claude45haiku": "anthropic.claude-haiku-4-5-20251001-v1:0",
    "claude45opus": "anthropic.claude-opus-4-5-20251101-v1:0",
    "novamicro": "amazon.nova-micro-v1:0",
    "novalite": "amazon.nova-lite-v1:0",
    "novapro": "amazon.nova-pro-v1:0",
    "novapremier": "amazon.nova-premier-v1:0",
    "nova20lite": "amazon.nova-2-lite-v1:0",
    "nova20pro": "amazon.nova-2-pro-v1:0",
    "llama4maverick17b": "meta.llama4-maverick-17b-instruct-v1:0",
    "llama4scout17b": "meta.llama4-scout-17b-instruct-v1:0",
    "gptoss20b": "openai.gpt-oss-20b-1:0",
    "gptoss120b": "openai.gpt-oss-120b-1:0",
}
_VERSION: Final = r"(?P<version>\d+(?:\.\d+)?)"
_FAMILY: Final = r"(?P<family>sonnet|opus|haiku)"
# `Claude4.6Sonnet` of a usage type, `Claude Sonnet 4.6` and `Claude 4.6 Sonnet` of a product.
_CLAUDE: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (rf"claude *{_VERSION} *{_FAMILY}", rf"claude *{_FAMILY} *{_VERSION}")
)
_EDITION: Final = re.compile(r"\s*\(Amazon Bedrock Edition\)\s*$", re.IGNORECASE)


def model_of(name: str | None, product: str | None, *, is_global: bool = False) -> str | None:
    """An id of Bedrock, else the name; `global.` is the route that has prices of its own."""
    if name is None and product is not None and _EDITION.search(product):
        name = _EDITION.sub("", product)
    if not name:
        return None
    known = _id(name)
    if known is None:
        return name
    return f"global.{known}" if is_global else known


def _id(name: str) -> str | None:
    if name.startswith(("anthropic.", "amazon.", "meta.", "openai.", "qwen.", "mistral.")):
        return name
    for pattern in _CLAUDE:
        if found := pattern.fullmatch(name):
            family, version = found["family"].lower(), found["version"]
            listed = MODELS.get(f"claude{version}{family}".replace(".", ""))
            return listed or f"anthropic.claude-{family}-{version.replace('.', '-')}"
    return MODELS.get(re.sub(r"[-. ]", "", name).lower())
