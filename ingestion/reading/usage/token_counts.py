"""What a source's token counts contain, and the disjoint meters that follow from it.

Sources spell one usage differently: cache tokens stand within the input count (OpenAI, LiteLLM,
OpenTelemetry) or beside it (Anthropic, Bedrock, Langfuse), reasoning within output or beside it
(Gemini, Helicone). Each reader declares its spelling; the arithmetic stands here once.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from ingestion.reading.unreadable import Unreadable
from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS


@dataclass(frozen=True, slots=True)
class UsageSemantics:
    """Which parts the source's own counts contain; a part that is not in one stands beside it."""

    input_includes_cache: bool = True
    input_includes_audio_and_images: bool = True
    output_includes_reasoning: bool = True
    output_includes_audio_and_images: bool = True
    # Of the source's literal total, where it gives one: it counts all else.
    total_includes_cache: bool = True
    total_includes_reasoning: bool = True


def _of(tokens: int | None) -> int:
    return 0 if tokens is None else tokens


def _larger(written: Any, split: Any) -> Any:
    return max(written, split) if type(written) is int else written.larger(split)


@dataclass(slots=True)
class TokenCounts:
    """Counts as a source logs them; None where it says nothing, which for a part means none.

    They may be columns of counts, too: `meters_of`; of totals one that no record leaves out.
    """

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None  # all writes, where they are not or only partly split
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    audio_input: int | None = None  # without cached audio, which is a cache read
    image_input: int | None = None
    audio_output: int | None = None
    image_output: int | None = None
    reasoning: int | None = None

    # sums of parts, which several rules ask for
    written: int = field(init=False)
    cache: int = field(init=False)
    media_in: int = field(init=False)
    media_out: int = field(init=False)

    def __post_init__(self) -> None:
        split = _of(self.cache_write_5m) + _of(self.cache_write_1h)
        self.written = split if self.cache_write is None else _larger(self.cache_write, split)
        self.cache = _of(self.cache_read) + self.written
        self.media_in = _of(self.audio_input) + _of(self.image_input)
        self.media_out = _of(self.audio_output) + _of(self.image_output)


@dataclass(frozen=True, slots=True)
class CountNames:
    """What the source calls its counts, and what to do about wrong ones, for the quarantine."""

    input: str
    output: str
    total: str
    advice: str = ""


UNKNOWN: Final[Row] = dict.fromkeys(
    (
        *(f"{meter}_quantity" for meter in TOKEN_METERS),
        *("provider_total_tokens", "reasoning_tokens", "cache_ttl_assumed"),
    )
)


def disjoint_meters(counts: TokenCounts, semantics: UsageSemantics, names: CountNames) -> Row:
    """The token meters, whose sum is proved to be `provider_total_tokens`; all NULL where neither
    input nor output is known.

    Raises Unreadable where parts exceed their whole, or the meters do not make the total.
    """
    if counts.input is None and counts.output is None:
        return dict(UNKNOWN)
    _require_parts_fit(counts, semantics, names)
    meters = meters_of(counts, semantics)
    total, made = logged_total(counts, semantics), sum(meters.values())
    if made != total:
        reason = f"not the sum of its token meters{names.advice} ({total}, they make {made})"
        raise Unreadable(names.total, reason)
    return {
        **meters,
        "provider_total_tokens": total,
        "reasoning_tokens": _of(counts.reasoning),
        "cache_ttl_assumed": unsplit(counts) > 0,
    }


def fits(counts: TokenCounts, semantics: UsageSemantics) -> bool:
    """Whether no part exceeds its whole and the meters make the literal total."""
    if any(parts > whole for _, whole, parts in wholes(counts, semantics)):
        return False
    return sum(meters_of(counts, semantics).values()) == logged_total(counts, semantics)


def meters_of(counts: TokenCounts, semantics: UsageSemantics) -> dict[str, int]:
    """The token meters; disjoint where the parts fit their wholes."""
    return {
        "input_quantity": _of(counts.input) - _within_input(counts, semantics),
        "cache_read_quantity": _of(counts.cache_read),
        # what is not split by time to live was written for 5 minutes, the default
        "cache_write_5m_quantity": _of(counts.cache_write_5m) + unsplit(counts),
        "cache_write_1h_quantity": _of(counts.cache_write_1h),
        "output_quantity": _output(counts, semantics),
        "audio_input_quantity": _of(counts.audio_input),
        "audio_output_quantity": _of(counts.audio_output),
        "image_input_quantity": _of(counts.image_input),
        "image_output_quantity": _of(counts.image_output),
    }


def unsplit(counts: TokenCounts) -> int:
    return counts.written - _of(counts.cache_write_5m) - _of(counts.cache_write_1h)


def logged_total(counts: TokenCounts, semantics: UsageSemantics) -> int:
    """All tokens by the source's literal counts alone: never a sum of the meters, which would prove
    nothing. It is the literal total, else input and output, and what these leave out.

    A total of 0 is none: sources write it so.
    """
    if counts.total:
        return counts.total + _outside(
            (semantics.total_includes_cache, counts.cache),
            (semantics.total_includes_reasoning, _of(counts.reasoning)),
        )
    return (
        _of(counts.input)
        + _of(counts.output)
        + _outside(
            (semantics.input_includes_cache, counts.cache),
            (semantics.input_includes_audio_and_images, counts.media_in),
            (semantics.output_includes_reasoning, _of(counts.reasoning)),
            (semantics.output_includes_audio_and_images, counts.media_out),
        )
    )


def _outside(*parts: tuple[bool, int]) -> int:
    return sum(tokens for is_inside, tokens in parts if not is_inside)


def _within_input(counts: TokenCounts, semantics: UsageSemantics) -> int:
    cache = counts.cache if semantics.input_includes_cache else 0
    return cache + (counts.media_in if semantics.input_includes_audio_and_images else 0)


def _output(counts: TokenCounts, semantics: UsageSemantics) -> int:
    """Text with reasoning: it is billed as output."""
    media = counts.media_out if semantics.output_includes_audio_and_images else 0
    reasoning = 0 if semantics.output_includes_reasoning else _of(counts.reasoning)
    return _of(counts.output) - media + reasoning


def _require_parts_fit(counts: TokenCounts, semantics: UsageSemantics, names: CountNames) -> None:
    for side, whole, parts in wholes(counts, semantics):
        if parts > whole:
            name, which = (names.input, "cache") if side == "input" else (names.output, "reasoning")
            reason = f"less than its {which}, audio and image tokens{names.advice}"
            raise Unreadable(name, f"{reason} ({whole}, they make {parts})")


def wholes(counts: TokenCounts, semantics: UsageSemantics) -> tuple[tuple[str, int, int], ...]:
    """(side, whole, its parts)"""
    made = counts.media_out if semantics.output_includes_audio_and_images else 0
    if semantics.output_includes_reasoning and not counts.total:
        # beside a total that proves the rest, reasoning may be a gateway's estimate: LiteLLM's of
        # Anthropic's thinking is
        made += _of(counts.reasoning)
    return (
        ("input", _of(counts.input), _within_input(counts, semantics)),
        ("output", _of(counts.output), made),
    )
