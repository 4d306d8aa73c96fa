"""OpenAI's `line_item`: an undocumented free text, parsed only where its wording is known.

Wordings were seen on real bills or in OpenAI's documentation. A line that no pattern below knows
is `unparsed`: its money is kept and shown, its model is never guessed.
"""

import re
from dataclasses import dataclass
from typing import Final

from ingestion.bills.charge_row import worded_kind


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
_SECONDS = re.compile(r"(?P<model>[^,|\s]+), audio", re.IGNORECASE)
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
# (pattern, kind, meter) of lines without a model, matched on the whole text.
_OTHER: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), kind, meter)
    for pattern, kind, meter in (
        (r"web search(?: preview)?(?: tool)? calls", "tool", "web_searches"),
        (r"(?:assistants api \| )?file search(?: tool)?(?: calls)?", "tool", "file_searches"),
        (r"(?:assistants api \| )?code interpreter(?: sessions?)?", "tool", "code_sessions"),
        (r"(?:vector|file) storage", "storage", "storage"),
        (r"fine-tuning training|training", "training", None),
    )
)


def read_line_item(line: str) -> LineItem:
    """What a line names; UNPARSED where its wording is unknown."""
    line = " ".join(line.split())
    if match := _TOKENS.fullmatch(line):
        return _token_line(match)
    if _BARE_KIND.fullmatch(line):
        return LineItem("tokens", meter=_METERS[line.lower()])
    if match := _SECONDS.fullmatch(line):
        return LineItem("tool", model=match["model"], meter="audio_seconds")
    if match := _TRAINING.fullmatch(line):
        return LineItem("training", model=match["model"])
    for pattern, kind, meter in _OTHER:
        if pattern.fullmatch(line):
            return LineItem(kind, meter=meter)
    worded = worded_kind(line)
    return LineItem(worded) if worded else UNPARSED


def _token_line(match: re.Match[str]) -> LineItem:
    meter = _METERS[match["kind"].lower()]
    modality = (match["modality"] or "text").lower()
    # Cached audio and images are cache reads: the contract splits modality on fresh tokens only.
    if modality != "text" and meter in ("input", "output"):
        meter = f"{modality}_{meter}"
    tier = (match["tier"] or match["batch"] or "standard").lower()
    band = "long" if match["context"] else "base"
    return LineItem("tokens", match["model"], meter, tier, band)
