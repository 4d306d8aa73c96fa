"""Azure's names of meters: model, direction, cache, route, tier and unit in free text.

`gpt 4o 1120 Batch Outp glbl Tokens`, `5.1 codex mini cd inp Gl 1M Tokens`: written in many ways.
"""

from dataclasses import dataclass
from typing import Final

from ingestion.bills.azure.models import model_of
from ingestion.bills.tables.patterns import Pattern, first_match

_MODEL: Final = r"(?P<model>[a-z\d].*?)[ -]+"
_TIER: Final = r"(?:(?P<tier>batch|pp|priority)[ -]*)?"
_CACHED: Final = r"(?:cchd|cached|cache|cach|cd|ch)"
_SCOPE: Final = (
    r"(?:[ -]*(?:(?P<global>glbl|global|gl)|(?P<regional>regnl|rgnl|regional)"
    r"|(?P<zone>data ?zone|d ?zone|dzn|dz)))?"
)
_END: Final = r"(?:[ -]+(?P<day>\d{4}))?(?:[ -]*(?:1[MK] )?(?:Tokens?|Unit))?"


def _tokens(meter: str, what: str, *examples: str) -> Pattern:
    regex = rf"{_MODEL}{_TIER}{what}{_SCOPE}{_END}"
    return Pattern(regex, {"kind": "tokens", "meter": meter}, examples)


# The first that knows all of a name says what it is.
METERS: Final = (
    Pattern(
        rf"Provisioned Managed{_SCOPE}(?: Unit)?|Provisioned-?Managed Unit",
        {"kind": "session"},
        (
            *("Provisioned Managed Global Unit", "Provisioned Managed Data Zone Unit"),
            *("Provisioned Managed Regional", "Provisioned Managed Unit"),
        ),
    ),
    Pattern(
        rf"Code[ -]Interpreter{_SCOPE}(?:[ -]Sessions?)?",
        {"kind": "tool", "meter": "code_sessions"},
        ("Code-Interpreter-global Session",),
    ),
    Pattern(
        r"File[ -]Search.*Storage.*|.*Vector[ -]Store.*",
        {"kind": "storage"},
        ("File Search Vector Storage",),
    ),
    Pattern(
        r".*\b(?:training|trng)\b.*",
        {"kind": "training"},
        ("gpt 4o mini ft training glbl 1M Tokens",),
    ),
    Pattern(r".*\bhosting\b.*", {"kind": "session"}, ("gpt 4o ft hosting Unit",)),
    _tokens(
        "cache_read",
        rf"(?:{_CACHED}[ -]*(?:inpt|input|inp|in)|(?:inpt|input|inp|in)[ -]*{_CACHED}"
        r"|(?:cchd|cached))",
        *("gpt-4o-rt-txt-1217 cchd Inp rgnl", "gpt rt aud 0828 cchd Inp glbl Tokens"),
        *("5.1 codex mini cd inp Gl 1M Tokens", "5.4 nano Batch cd Inp Gl 1M Tokens"),
        *("GPT 5 cchd Inpt Glbl", "4.1 pp cd inp Dz", "gpt rt aud mn cd in gl 1215 1M Tokens"),
        "V4 Flash 0731 cached glbl Tokens",
    ),
    _tokens(
        "input",
        r"(?:inpt|input|inp|in)",
        *("gpt 4.1 Inp regnl", "o4-mini 0416 Batch Inp Data Zone", "gpt 4o 0806 Inp glbl Tokens"),
        *("5.4 pro Batch inp Dz 1M Tokens", "GPT 5 Mini Inpt Glbl", "gpt rt img 0828 Inp glbl"),
        *("gpt4omini-aud1217-txt Inp regnl", "gpt aud mn txt in gl 1215 1M Tokens"),
    ),
    _tokens(
        "output",
        r"(?:outpt|output|outp|opt|out)",
        *("gpt 4o 1120 Batch Outp glbl Tokens", "o1 1217 Outp Data Zone Tokens"),
        *("gpt 4o mini0718 BatchOutp DataZone", "5.4 opt Dz 1M Tokens", "GPT 5 outpt Glbl"),
        *("41 ft opt Dz", "gpt-4o-mini-tts-aud-out-glbl Tokens", "computer-use-outp-datazone"),
    ),
    # what is embedded is input, and there is no other side
    Pattern(
        rf"(?P<model>text[ -]embedding[ -].+?|embedding[ -]ada){_SCOPE}{_END}",
        {"kind": "tokens", "meter": "input"},
        ("text embedding 3 large DZ", "text embedding 3 large DZ Tokens"),
    ),
)
_TIERS: Final = {"batch": "batch", "pp": "priority", "priority": "priority"}
_ROUTES: Final = ("global", "zone", "regional")
_OF_MODALITY: Final = ("audio", "image")


@dataclass(frozen=True, slots=True)
class Meter:
    """`route`: global, zone or regional, which have prices of their own."""

    kind: str  # a charge_kind of the contract
    model: str | None = None
    meter: str | None = None
    service_tier: str | None = None
    route: str | None = None

    @property
    def facts(self) -> dict[str, str]:
        """What is known, by the contract's names; nothing of a name that none knows."""
        if self.kind == "unparsed":
            return {}
        said = {
            "kind": self.kind,
            "model": self.model,
            "meter": self.meter,
            "service_tier": self.service_tier,
        }
        return {name: fact for name, fact in said.items() if fact}


UNPARSED: Final = Meter("unparsed")


def read_meter(name: str | None) -> Meter:
    """`unparsed` where the wording is unknown."""
    text = " ".join(name.split()) if name else ""
    said = first_match(METERS, text)
    if said is None:
        return UNPARSED
    kind, meter = said["kind"], said.get("meter")
    route = next((route for route in _ROUTES if route in said), None)
    words = said.get("model")
    if words is None:
        return Meter(kind, meter=meter, route=route)
    model, modality = model_of(f"{words} {said['day']}" if "day" in said else words)
    if modality in _OF_MODALITY and meter in ("input", "output"):
        meter = f"{modality}_{meter}"
    tier = _TIERS[said["tier"].lower()] if "tier" in said else "standard"
    return Meter(kind, model, meter, tier, route)
