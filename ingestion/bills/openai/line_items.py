"""OpenAI's `line_item`: an undocumented free text, parsed only where its wording is known.

Wordings were seen on real bills or in OpenAI's documentation. A line that no pattern below knows
is `unparsed`: its money is kept and shown, its model is never guessed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ingestion.bills.lines.charge_row import worded_kind


@dataclass(frozen=True, slots=True)
class LineItem:
    kind: str  # a charge_kind of the contract
    model: str | None = None
    meter: str | None = None
    service_tier: str | None = None
    context_band: str | None = None


UNPARSED: Final = LineItem("unparsed")

_TOKENS = re.compile(
    r"(?:(?P<tier>priority|flex|batch) \| )?"
    r"(?P<model>[^,|\s]+)(?: (?P<modality>text|audio|image))?, "
    r"(?:(?P<batch>batch) )?"
    r"(?P<kind>cached input|cache writes|input|output"
    r"|input_cached_tokens|cached_input_tokens|input_cache_write_tokens"
    r"|input_tokens|output_tokens)"
    r"(?:, (?P<context>long context))?",
    re.IGNORECASE,
)
# Documented sample rows carry the kind alone, without a model.
_BARE_KIND = re.compile(r"input_tokens|output_tokens|input_cached_tokens", re.IGNORECASE)
_AUDIO = re.compile(r"(?P<model>[^,|\s]+), audio", re.IGNORECASE)
# Sizes and qualities of an image are words of the line; what is counted is its unit.
_PIECES = re.compile(
    r"(?:(?P<tier>priority|flex|batch) \| )?(?P<model>[^,|\s]+)(?: \w+)?, (?P<words>[^|]+)",
    re.IGNORECASE,
)
_VIDEO = re.compile(r"\b(?:video|sora|veo|\d+p|\d{3,4}x\d{3,4})\b", re.IGNORECASE)
_NO_REQUEST = re.compile(r"\b(?:hosting|storage|training|provisioned|reserved)\b", re.IGNORECASE)
# Units that are a meter of a named model by themselves.
_BY_UNIT: Final = {
    "images": "images",
    "seconds": "audio_seconds",
    "characters": "characters",
    "pages": "pages",
    "requests": "requests",
    "calls": "requests",
}
_TRAINING = re.compile(r"(?P<model>[^,|\s]+), (?:fine-tuning )?training", re.IGNORECASE)

# OpenAI's cache writes live 30 minutes or 12 hours and its lines do not say which. They land in
# the contract's short-lived write meter, where gateways put their one cache-write count too.
_METERS: Final = {
    "input": "input",
    "input_tokens": "input",
    "cached input": "cache_read",
    "input_cached_tokens": "cache_read",
    "cached_input_tokens": "cache_read",
    "cache writes": "cache_write_5m",
    "input_cache_write_tokens": "cache_write_5m",
    "output": "output",
    "output_tokens": "output",
}
_OF = r"(?:(?:assistants|responses) api \| |(?P<model>[^,|\s]+), )?"
_CALLS = r"(?: tool)?(?:[ _](?:calls?|requests?|queries))?"
_SIZE = r"(?:, (?:(?:low|medium|high)(?: context)?|\d+ ?gb))?"
# (pattern, kind, meter), matched on the whole text; few of them name a model.
_OTHER: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), kind, meter)
    for pattern, kind, meter in (
        (rf"{_OF}web[ _]search(?:es)?(?: preview)?{_CALLS}{_SIZE}", "tool", "web_searches"),
        (rf"{_OF}file[ _]search(?:es)?{_CALLS}", "tool", "file_searches"),
        (
            rf"{_OF}code[ _]interpreter(?: tool)?(?:[ _](?:sessions?|calls?|containers?))?{_SIZE}",
            *("tool", "code_sessions"),
        ),
        (r"(?:vector|file) storage", "storage", "storage"),
        (r"fine-tuning training|training", "training", None),
    )
)


@lru_cache(maxsize=4096)
def read_line_item(line: str, unit: str | None = None) -> LineItem:
    """What a line names; UNPARSED where its wording is unknown.

    `unit`: what its quantity counts, as `units.unit_of` says it.
    """
    line = " ".join(line.split())
    if match := _TOKENS.fullmatch(line):
        return _token_line(match)
    if _BARE_KIND.fullmatch(line):
        return LineItem("tokens", meter=_METERS[line.lower()])
    if match := _TRAINING.fullmatch(line):
        return LineItem("training", model=match["model"])
    for pattern, kind, meter in _OTHER:
        if match := pattern.fullmatch(line):
            return LineItem(kind, match.groupdict().get("model"), meter)
    if (match := _PIECES.fullmatch(line)) and (meter := _meter_of_unit(line, unit)):
        tier = match["tier"]
        return LineItem("tool", match["model"], meter, tier.lower() if tier else None)
    if match := _AUDIO.fullmatch(line):
        return LineItem("tool", match["model"], None if unit == "tokens" else "audio_seconds")
    worded = worded_kind(line)
    return LineItem(worded) if worded else UNPARSED


def _meter_of_unit(line: str, unit: str | None) -> str | None:
    meter = _BY_UNIT.get(unit or "")
    if meter is None or _NO_REQUEST.search(line):
        return None
    return "video_seconds" if meter == "audio_seconds" and _VIDEO.search(line) else meter


def _token_line(match: re.Match[str]) -> LineItem:
    meter = _METERS[match["kind"].lower()]
    modality = (match["modality"] or "text").lower()
    # Cached audio and images are cache reads: the contract splits modality on fresh tokens only.
    if modality != "text" and meter in ("input", "output"):
        meter = f"{modality}_{meter}"
    tier = (match["tier"] or match["batch"] or "standard").lower()
    band = "long" if match["context"] else "base"
    return LineItem("tokens", match["model"], meter, tier, band)
