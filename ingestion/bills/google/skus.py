"""Google's SKU texts: model, direction, cache, route, tier and context band in free text.

`Gemini 2.5 Flash GA Text Input - Predictions` of Vertex AI, `Generate content input token count
gemini 3.5 flash text` of the Gemini API.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ingestion.bills.focus.words import read_words
from ingestion.bills.tables.patterns import Pattern, first_match

_GEMINI: Final = r"(?P<model>(?:gemini|gemma|text-(?:multilingual-)?embedding)(?![a-z]).*?)"
# Words between and behind the others; a model has none of them at its end.
_WORD: Final = (
    r"\(?(?:global|regional|short|long|batch|flex|priority|standard|ga|context"
    r"|thinking (?:on|off)|thinking|non-thinking)\)?"
)
_MODES: Final = r"(?:text|image|audio|video)"
_MODE: Final = rf"(?P<mode>{_MODES})"
_BEFORE: Final = rf"{_GEMINI}(?P<before>(?: {_WORD})*)"
_AFTER: Final = rf"(?P<after>(?:(?: -)? {_WORD})*)(?: -(?P<way>(?: {_WORD})*) predictions)?"
_CACHED: Final = rf"(?:{_MODES} input|input {_MODES}) (?:caching|cached|cache)"
_CALL: Final = r"(?:bidi )?(?P<call>batch )?(?:generate ?content|embed ?contents?)"


def _vertex(meter: str, what: str, *examples: str) -> Pattern:
    says = {"kind": "tokens", "meter": meter}
    return Pattern(rf"{_BEFORE} {what}{_AFTER}", says, examples)


def _gemini_api(meter: str, what: str, *examples: str) -> Pattern:
    """Underscores may stand for spaces. Behind `for` a modality is of the model's name, as all but
    text; elsewhere it is of the tokens.
    """
    behind = rf"for {_GEMINI}(?P<after>(?: (?:{_WORD}|text))*)"
    bare = _GEMINI.replace("model", "name")
    ahead = rf"{bare}(?P<tail>(?: (?:{_WORD}|{_MODES}|input|output|caching))*)"
    regex = rf"{_CALL} {what} token count (?:{behind}|{ahead})"
    return Pattern(regex.replace(" ", "[ _]"), {"kind": "tokens", "meter": meter}, examples)


# The first that knows all of a text says what it is.
SKUS: Final = (
    Pattern(
        r".*\bProvisioned Throughput\b.*",
        {"kind": "session"},
        ("Vertex AI: Provisioned Throughput 1 month",),
    ),
    Pattern(
        rf"{_BEFORE} {_CACHED} storage{_AFTER}|{_CALL}.* cach\w+.* storage\b.*",
        {"kind": "storage"},
        (
            "Gemini 3.6 Flash Image Input Caching Storage",
            "Gemini 2.5 Flash Input Text Caching Storage",
        ),
    ),
    Pattern(
        r".*\bGrounding with Google Search\b.*|Number of queries with search grounding.*",
        {"kind": "tool", "meter": "web_searches"},
        (
            *("Grounding with Google Search", "Number of queries with search grounding"),
            "LLM Grounding with Google Search tool - Predictions",
        ),
    ),
    Pattern(
        r".*\b(?:Tuning|Training)\b.*",
        {"kind": "training"},
        ("Gemini 2.5 Flash Supervised Tuning",),
    ),
    _vertex(
        "cache_read",
        _CACHED,
        *("Gemini 3 Flash Text Input Caching", "Gemini 2.5 Pro Long Text Input Caching"),
        *(
            "Gemini 2.5 Flash GA Input Text Caching (Long)",
            "Gemini 3 Flash Text Input Caching Flex",
        ),
    ),
    _vertex(
        "input",
        rf"{_MODE} input",
        *("Gemini 2.5 Flash GA Text Input - Predictions",),
        *("Gemini 3.7 Flash Global Text Input - Predictions",),
        *("Gemini 2.5 Flash GA Text Input - Batch Predictions",),
        *("Gemini 2.5 Pro Text Input (Long) - Predictions",),
        "Gemini 2.5 Flash GA Video Input Priority - Predictions",
    ),
    _vertex(
        "output",
        rf"{_MODE}(?: \(\w+\))? output",
        *("Gemini 2.5 Flash GA Text Output - Predictions",),
        *("Gemini 2.5 Flash GA Thinking Text Output - Predictions",),
        *("Gemini 2.5 Flash GA Text Output (Thinking On) - Predictions",),
        "Gemini 2.5 Flash Live Audio (AV2A) Output - Predictions",
    ),
    _gemini_api(
        "cache_read",
        rf"(?:{_MODES} )?cached (?:{_MODES} )?input",
        *("Generate content cached input token count gemini 3.5 flash text",),
        *("Generate_content cached image input token count for gemini 3 flash",),
        *("Generate_content text cached input token count for gemini 3 pro short",),
        "Generate_content_cached_input_token_count_gemini_3_pro_short_image",
    ),
    Pattern(
        rf"{_CALL} input token count {_GEMINI}(?P<after>(?: (?:{_WORD}|{_MODES}))*) caching",
        {"kind": "tokens", "meter": "cache_read"},
        ("Generate content input token count gemini 3.7 flash image flex caching",),
    ),
    _gemini_api(
        "input",
        rf"(?:{_MODE} )?input",
        *("Generate content input token count gemini 3.5 flash text",),
        *("Generate content input token count gemini 2.5 flash input audio",),
        *("Generate_content text input token count for gemini 3 pro short",),
        *("EmbedContent input token count for gemini-embedding-001",),
        "Bidi_generate_content text input token count for gemini-3.8-live",
    ),
    _gemini_api(
        "output",
        rf"(?:{_MODE} )?output",
        *("Generate content output token count gemini 2.5 flash short output text non-thinking",),
        *("Generate content output token count gemini 2.5 flash short input text",),
        *("Generate_content text output token count for gemini 3 flash batch",),
        *("Generate_content text output token count for gemini 3 flash text flex",),
        "Generate_content image output token count for Gemini 3 Pro Image",
    ),
)
_TIERS: Final = ("batch", "flex", "priority")
_BANDS: Final = {"short": "base", "long": "long"}
# Text and video are the meters without a name before them.
_NAMED: Final = ("audio", "image")


@dataclass(frozen=True, slots=True)
class Sku:
    """`is_global`: such tokens are served anywhere, and have prices of their own."""

    kind: str  # a charge_kind of the contract
    model: str | None = None
    meter: str | None = None
    service_tier: str | None = None
    context_band: str | None = None
    is_global: bool = False


UNPARSED: Final = Sku("unparsed")


@lru_cache(maxsize=4096)
def read_sku(text: str | None) -> Sku:
    """`unparsed` where the wording is unknown; partners have plainer words of their own."""
    words = " ".join(text.split()) if text else ""
    said = first_match(SKUS, words)
    if said is None:
        return _plain(read_words(words))
    if said["kind"] != "tokens":
        return Sku(said["kind"], meter=said.get("meter"))
    marks = _marks(said)
    meter = said["meter"]
    mode = said.get("mode", "").lower() or next((m for m in _NAMED if m in marks), "")
    if mode in _NAMED and meter in ("input", "output"):
        meter = f"{mode}_{meter}"
    return Sku(
        *("tokens", model_of(said.get("model") or said["name"]), meter),
        service_tier=next((tier for tier in _TIERS if tier in marks), "standard"),
        context_band=next((band for word, band in _BANDS.items() if word in marks), None),
        is_global="global" in marks,
    )


def _plain(said: dict[str, str]) -> Sku:
    if not said:
        return UNPARSED
    model = model_of(said["model"]) if "model" in said else None
    tier = said.get("service_tier") or ("standard" if said["kind"] == "tokens" else None)
    return Sku(said["kind"], model, said.get("meter"), tier)


def model_of(words: str) -> str:
    """`Gemini 2.5 Flash` is `gemini-2.5-flash`, as the API calls it."""
    name = re.sub(r"[\s_]+", "-", words.strip().lower())
    return name.replace(".", "-") if name.startswith("claude") else name


def _marks(said: dict[str, str]) -> list[str]:
    """Words around what is counted, the same wherever they stand."""
    places = ("call", "before", "after", "tail", "way")
    return re.findall(r"[a-z-]*[a-z]", " ".join(said.get(each, "") for each in places).lower())
