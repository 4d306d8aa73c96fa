"""Who meters and bills a call, under the one name that logs, prices and bills share."""

import re
from typing import Final
from urllib.parse import urlsplit

PROVIDERS: Final = {
    "text-completion-openai": "openai",
    "anthropic_text": "anthropic",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "bedrock_mantle": "aws",
    "sagemaker": "aws",
    "sagemaker_chat": "aws",
    "azure_ai": "azure",
    "azure_text": "azure",
    "vertex_ai": "google",
    "vertex_ai_beta": "google",
    "gemini": "google",
    "palm": "google",
    "vertex": "google",
    # as Cloudflare's AI Gateway calls them
    "aws-bedrock": "aws",
    "azure-openai": "azure",
    "google-ai-studio": "google",
    "google-vertex-ai": "google",
    "perplexity-ai": "perplexity",
    "workers-ai": "cloudflare",
    # servers that a company runs itself
    "hosted_vllm": "own",
    "vllm": "own",
    "ollama": "own",
    "ollama_chat": "own",
    "llamafile": "own",
    "lm_studio": "own",
    "triton": "own",
}
MODEL_FAMILIES: Final = (
    # Bedrock's ids: `us.anthropic.claude-…-v2:0`
    (
        re.compile(
            r"(?:(?:us-gov|us|eu|apac|global|jp|au|ca)\.)?"
            r"(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|qwen|stability|writer)\.[a-z]"
        ),
        "aws",
    ),
    (
        re.compile(r"(?:ft:)?(?:gpt|chatgpt|o\d|text-embedding|dall-e|whisper|tts|codex|sora)\b"),
        "openai",
    ),
    (re.compile(r"claude\b"), "anthropic"),
    (re.compile(r"(?:gemini|gemma|imagen|veo)\b"), "google"),
)
# `projects/…/publishers/google/models/…` and `models/…` are names of Google's API.
GOOGLE_RESOURCES: Final = frozenset(("projects", "publishers", "models", "tunedmodels"))
HOSTS: Final = (
    (re.compile(r"(?:.+\.)?api\.openai\.com"), "openai"),
    (re.compile(r"api\.anthropic\.com"), "anthropic"),
    (
        re.compile(
            r".+\.(?:openai|services\.ai|cognitiveservices|inference\.ai)\.azure\.(?:com|us)"
        ),
        "azure",
    ),
    (re.compile(r"bedrock(?:-[a-z]+)*\..+\.amazonaws\.com(?:\.cn)?"), "aws"),
    (re.compile(r"(?:.+[.-])?aiplatform\.googleapis\.com"), "google"),
    (re.compile(r"generativelanguage\.googleapis\.com"), "google"),
    (re.compile(r"(?:.+\.)?openrouter\.ai"), "openrouter"),
)


def canonical_provider(word: str | None) -> str | None:
    """`vertex_ai-anthropic_models` is google; a word nobody knows stays, in lower case."""
    if not word:
        return None
    lowered = word.strip().lower()
    known = PROVIDERS.get(lowered)
    if known is None and lowered.startswith("vertex_ai"):
        return "google"
    return known or lowered or None


def provider_of_model(model: str) -> str | None:
    """For logs that name no provider: a `provider/model` prefix, else the model's family."""
    if "/" in model:
        return provider_of_prefix(model)
    lowered = model.lower()
    for family, provider in MODEL_FAMILIES:
        if family.match(lowered):
            return provider
    return None


def provider_of_prefix(model: str) -> str | None:
    """The provider that `provider/model` names; NULL without a prefix."""
    prefix, slash, _ = model.partition("/")
    if prefix.startswith("arn:aws"):
        return "aws"
    if slash and prefix.lower() in GOOGLE_RESOURCES:
        return "google"
    return canonical_provider(prefix) if slash else None


def provider_of_host(url: str | None) -> str | None:
    """Who runs the API at this address; NULL for proxies and hosts that nobody knows."""
    if not url:
        return None
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return None
    return next((provider for pattern, provider in HOSTS if pattern.fullmatch(host)), None)
