"""Who meters and bills a call, under the one name that logs, prices and bills share."""

import re
from typing import Final

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
    (re.compile(r"(?:gpt|chatgpt|o\d|text-embedding|dall-e|whisper|tts|codex|sora)\b"), "openai"),
    (re.compile(r"claude\b"), "anthropic"),
    (re.compile(r"(?:gemini|gemma|imagen|veo)\b"), "google"),
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
    prefix, slash, _ = model.partition("/")
    if slash:
        return canonical_provider(prefix)
    lowered = model.lower()
    for family, provider in MODEL_FAMILIES:
        if family.match(lowered):
            return provider
    return None
