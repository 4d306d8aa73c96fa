"""The names behind a raw model name: without route, cloud resource path, region or suffix.

Only what all users of a cloud or gateway write is taken off. What a company chose itself, a
deployment's name or the id of an application inference profile, says nothing: models.csv does.
"""

import re
from collections.abc import Iterator
from typing import Final

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
# Data zones that stand behind `azure/`, and what they are.
ZONES: Final = {
    **{zone: zone for zone in ("us", "eu", "apac", "us-gov", "global")},
    "global-standard": "global",
}
CLOUD_REGION: Final = re.compile(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d")
INFERENCE_PROFILE: Final = re.compile(r"^(us-gov|us|eu|apac|global|jp|au|ca|sa|me|af)\.")
FINE_TUNED: Final = re.compile(r"^ft[:-]")
# Azure's deployments of fine-tunes: `gpt-4o-2024-08-06.ft-0e1f…`
AZURE_FINE_TUNED: Final = re.compile(r"^([^/]+)\.ft-[0-9a-f]+(-.*)?$")
ARN: Final = re.compile(r"^(?:.*/)?(arn:aws[^:]*:.*)$")
# A model of AWS's own or a system-defined profile; every other ARN ends with an id.
AWS_MODEL: Final = re.compile(
    r"^arn:aws[^:]*:bedrock:[^/]*:(?:foundation-model|inference-profile)/"
)
GOOGLE_MODEL: Final = re.compile(
    r"^(?:.*/)?(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/"
)
GOOGLE_RESOURCE: Final = re.compile(r"^(?:.*/)?(projects/[^/]+/locations/.*)$")
# OpenRouter's ways to pick a host. `:free` and `:extended` are models with prices of their own.
ROUTING_SUFFIX: Final = re.compile(r":(nitro|floor|exacto|online|beta|thinking)$")
SNAPSHOT: Final = re.compile(r"[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest|default)$")
AZURE_35: Final = re.compile(r"^gpt-35\b")


def spellings(raw: str) -> Iterator[str]:
    """The name as it stands, then with one more leading part gone each time."""
    name = raw.strip().lower()
    for resource in (ARN, GOOGLE_RESOURCE):
        name = resource.sub(r"\1", name)
    name = GOOGLE_MODEL.sub("", AWS_MODEL.sub("", name))
    yield from _fine_tunes(name)
    route = ""
    while "/" in name and not name.startswith(("arn:", "projects/")):
        first, _, rest = name.partition("/")
        zone = route == "azure" and first in ZONES
        if not zone and first not in ROUTES and not CLOUD_REGION.fullmatch(first):
            return
        route, name = first, rest
        yield from _fine_tunes(name)
    if INFERENCE_PROFILE.match(name):
        yield INFERENCE_PROFILE.sub("", name)


def loose_spellings(raw: str) -> Iterator[str]:
    """The same without suffixes: a snapshot that no list knows is its model."""
    for name in spellings(raw):
        for spelled in (name, AZURE_35.sub("gpt-3.5", name)):
            model = ROUTING_SUFFIX.sub("", spelled)
            yield model
            yield SNAPSHOT.sub("", model)


def fine_tuned_base(name: str) -> str | None:
    """`gpt-4o-2024-08-06` of `ft:gpt-4o-2024-08-06:org:name:id`."""
    return name.split(":")[1] if name.startswith("ft:") else None


def _fine_tunes(name: str) -> Iterator[str]:
    """`ft-gpt-4o` of a bill and `ft:gpt-4o:org:name:id` of a log are spelled `ft:`."""
    name = AZURE_FINE_TUNED.sub(r"ft:\1", FINE_TUNED.sub("ft:", name))
    yield name
    base = fine_tuned_base(name)
    if base is not None and name != f"ft:{base}":
        yield f"ft:{base}"
