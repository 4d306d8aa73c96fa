"""A call's usage object, under whatever names its provider or LiteLLM gave the counts.

LiteLLM's own names are OpenAI's chat names for everyone, with all parts within: cache reads and
writes, audio and images in `prompt_tokens`, reasoning, audio and images in `completion_tokens`.
Where these are empty, or 0 beside other names that are not, the counts under the provider's names
are brought into them. [OpenAI Responses and Images, Anthropic Messages, Gemini, Bedrock]
"""

from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.litellm.record import NOTHING, Count, Section


class CacheWrites(Section):
    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class CachedKinds(Section):
    text_tokens: Count = None
    audio_tokens: Count = None
    image_tokens: Count = None


class PromptDetails(Section):
    cached_tokens: Count = None
    cached_tokens_details: CachedKinds | None = None
    cache_creation_tokens: Count = None
    cache_write_tokens: Count = None
    cache_creation_token_details: CacheWrites | None = None
    text_tokens: Count = None
    audio_tokens: Count = None
    image_tokens: Count = None
    web_search_requests: Count = None


class CompletionDetails(Section):
    reasoning_tokens: Count = None
    thinking_tokens: Count = None  # the same, of Anthropic
    audio_tokens: Count = None
    image_tokens: Count = None


class ServerToolUse(Section):
    web_search_requests: Count = None
    code_execution_requests: Any = None


class Usage(Section):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    input_tokens: Count = None
    output_tokens: Count = None
    input_tokens_details: PromptDetails | None = None
    output_tokens_details: CompletionDetails | None = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_creation: CacheWrites | None = None
    iterations: Raw = NOTHING
    output_image_count: Count = None
    server_tool_use: ServerToolUse | None = None
    service_tier: Any = None
    speed: Any = None
    inference_geo: Any = None
    # input and output by the provider's names, where they are not LiteLLM's; never read
    named: tuple[int, int] | None = None

    @property
    def is_told(self) -> bool:
        return bool(self.prompt_tokens or self.completion_tokens)


class _Modality(Section, rename="camel"):
    modality: str = ""
    token_count: Count = None


class _Gemini(Section, rename="camel"):
    prompt_token_count: Count = None
    candidates_token_count: Count = None
    thoughts_token_count: Count = None
    tool_use_prompt_token_count: Count = None
    cached_content_token_count: Count = None
    total_token_count: Count = None
    prompt_tokens_details: list[_Modality] | None = None
    cache_tokens_details: list[_Modality] | None = None
    candidates_tokens_details: list[_Modality] | None = None


class _CacheDetail(Section, rename="camel"):
    ttl: Any = None
    input_tokens: Count = None


class _Bedrock(Section, rename="camel"):
    input_tokens: Count = None
    output_tokens: Count = None
    total_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_write_input_tokens: Count = None
    cache_details: list[_CacheDetail] | None = None
    # the same in older records and in invocation logs
    input_token_count: Count = None
    output_token_count: Count = None
    cache_read_input_token_count: Count = None
    cache_write_input_token_count: Count = None


ABSENT: Final = (b"", b"null", b"{}")
# Counts as a text or as 12.0 are counts too.
_USAGE: Final = msgspec.json.Decoder(Usage, strict=False)
_GEMINI: Final = msgspec.json.Decoder(_Gemini, strict=False)
_BEDROCK: Final = msgspec.json.Decoder(_Bedrock, strict=False)
# SDKs of Gemini write its names with underscores.
_GEMINI_NAMES: Final = dict(
    zip(_Gemini.__struct_fields__, _Gemini.__struct_encode_fields__, strict=True)
) | {"token_count": "tokenCount"}
GEMINI: Final = (b'"promptTokenCount"', b'"prompt_token_count"', b"andidatesTokenCount")
BEDROCK: Final = (b'"inputTokens"', b'"inputTokenCount"', b'"outputTokens"', b'"outputTokenCount"')


def usage_literal(*candidates: Raw) -> bytes | None:
    """The usage object as its bytes in the log: the first that counts anything, else the first."""
    found = []
    for raw in candidates:
        if raw is not NOTHING and (literal := bytes(raw)) not in ABSENT:
            found.append(literal)
    if len(found) > 1:
        told = (literal for literal in found if _counts_anything(literal))
        return next(told, found[0])
    return found[0] if found else None


def read_usage(literal: bytes | None) -> Usage:
    """Raises msgspec.ValidationError with the path inside the usage object."""
    if literal is None:
        return Usage()
    usage = _USAGE.decode(literal)
    usage.named = None
    if not usage.is_told:
        _bring_in(usage, literal)
    return usage


def _counts_anything(literal: bytes) -> bool:
    try:
        return read_usage(literal).is_told
    except msgspec.DecodeError:
        return True  # it stands where usage stands: told as what it is


def _bring_in(usage: Usage, literal: bytes) -> None:
    if usage.input_tokens or usage.output_tokens:
        _bring_in_openai_or_anthropic(usage)
    elif any(name in literal for name in GEMINI):
        _bring_in_gemini(usage, literal)
    elif any(name in literal for name in BEDROCK):
        _bring_in_bedrock(usage, literal)


def _bring_in_openai_or_anthropic(usage: Usage) -> None:
    """OpenAI counts cached tokens within the input and has details, Anthropic beside it."""
    details = usage.input_tokens_details
    beside = 0
    if details is None or details.cached_tokens is None:
        split = usage.cache_creation or CacheWrites()
        written = (split.ephemeral_5m_input_tokens or 0) + (split.ephemeral_1h_input_tokens or 0)
        beside = (usage.cache_read_input_tokens or 0) + max(
            usage.cache_creation_input_tokens or 0, written
        )
    usage.prompt_tokens_details = details
    usage.completion_tokens_details = usage.output_tokens_details
    _set_counts(usage, usage.input_tokens or 0, usage.output_tokens or 0, beside)


def _set_counts(usage: Usage, read: int, made: int, cache_beside: int) -> None:
    """A total of input and output alone leaves out what stands beside them."""
    usage.named = (read, made)
    usage.prompt_tokens, usage.completion_tokens = read + cache_beside, made
    if usage.total_tokens == read + made:
        usage.total_tokens += cache_beside


def _bring_in_gemini(usage: Usage, literal: bytes) -> None:
    """Thoughts and the prompts of tools stand beside; the total, if any, says whether they do."""
    said = _GEMINI.decode(_in_camel_case(literal))
    thoughts, tools = said.thoughts_token_count or 0, said.tool_use_prompt_token_count or 0
    prompt, candidates = said.prompt_token_count or 0, said.candidates_token_count or 0
    choices = [(prompt + t, candidates + r) for t in (tools, 0) for r in (thoughts, 0)]
    total = said.total_token_count
    usage.named = (prompt, candidates)
    usage.prompt_tokens, usage.completion_tokens = next(
        (choice for choice in choices if sum(choice) == total), choices[0]
    )
    usage.total_tokens = total
    cached = CachedKinds(
        audio_tokens=_of(said.cache_tokens_details, "AUDIO"),
        image_tokens=_of(said.cache_tokens_details, "IMAGE"),
    )
    usage.prompt_tokens_details = PromptDetails(
        cached_tokens=said.cached_content_token_count,
        cached_tokens_details=cached,
        audio_tokens=_of(said.prompt_tokens_details, "AUDIO"),
        image_tokens=_of(said.prompt_tokens_details, "IMAGE"),
    )
    usage.completion_tokens_details = CompletionDetails(
        reasoning_tokens=said.thoughts_token_count,
        audio_tokens=_of(said.candidates_tokens_details, "AUDIO"),
        image_tokens=_of(said.candidates_tokens_details, "IMAGE"),
    )


def _of(details: list[_Modality] | None, modality: str) -> int:
    return sum(each.token_count or 0 for each in details or () if each.modality == modality)


def _in_camel_case(literal: bytes) -> bytes:
    if b"prompt_token_count" not in literal:
        return literal
    for name, encoded in _GEMINI_NAMES.items():
        literal = literal.replace(b'"%s"' % name.encode(), b'"%s"' % encoded.encode())
    return literal


def _bring_in_bedrock(usage: Usage, literal: bytes) -> None:
    """Cache reads and writes stand beside."""
    said = _BEDROCK.decode(literal)
    read = said.cache_read_input_tokens or said.cache_read_input_token_count or 0
    written = said.cache_write_input_tokens or said.cache_write_input_token_count or 0
    hour = sum(each.input_tokens or 0 for each in said.cache_details or () if each.ttl == "1h")
    usage.total_tokens = said.total_tokens
    usage.prompt_tokens_details = PromptDetails(
        cached_tokens=read,
        cache_creation_tokens=written,
        cache_creation_token_details=CacheWrites(
            ephemeral_5m_input_tokens=max(0, written - hour) if said.cache_details else None,
            ephemeral_1h_input_tokens=hour or None,
        ),
    )
    usage.completion_tokens_details = CompletionDetails()
    _set_counts(
        usage,
        said.input_tokens or said.input_token_count or 0,
        said.output_tokens or said.output_token_count or 0,
        read + written,
    )
