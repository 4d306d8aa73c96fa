"""What of a usage object lands as `raw_usage`: its counts, and the few words that bills know.

So that a mapping bug is mended without the source, counts of any name stay. A text does only under
a name that is known to hold a word.
"""

import re
from functools import lru_cache
from typing import Any, Final

import msgspec

from ingestion.secret_forms import without_secrets

WORDS: Final = frozenset(
    ("service_tier", "inference_geo", "speed", "type", "model", "modality", "unit", "object")
)
WORD: Final = re.compile(r"[\w.:/@-]{1,128}")
NAME: Final = re.compile(r"[\w.:@-]{1,64}")
DEEPEST: Final = 8
LONGEST: Final = 100  # entries of one list or object
_JSON: Final = msgspec.json.Decoder()
_ENCODER: Final = msgspec.json.Encoder()


def known_usage(literal: bytes | None) -> str | None:
    """Compact JSON; None where there is no usage, or it is no JSON object."""
    if not literal:
        return None
    try:
        usage = _JSON.decode(literal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    return _ENCODER.encode(_counts(usage, DEEPEST)).decode() if isinstance(usage, dict) else None


def _counts(said: dict[str, Any], depth: int) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for name, value in said.items() if len(said) <= LONGEST else list(said.items())[:LONGEST]:
        if _lands(name):
            # most are counts
            kept = value if type(value) is int else _kept(name, value, depth)
            if kept is not None or value is None:
                known[name] = kept
    return known


@lru_cache(maxsize=4096)
def _lands(name: str) -> bool:
    """Of a field's name, of which a log has few."""
    return bool(NAME.fullmatch(name)) and without_secrets(name) == name


def _kept(name: str, value: Any, depth: int) -> Any:
    """None for what does not land."""
    if isinstance(value, dict):
        return _counts(value, depth - 1) if depth else None
    if isinstance(value, list):
        kept = [_kept(name, entry, depth - 1) for entry in value[:LONGEST]] if depth else []
        return [entry for entry in kept if entry is not None] or None
    if isinstance(value, str):
        is_count = value.isdecimal() and len(value) <= 20
        is_word = name in WORDS and WORD.fullmatch(value)
        return without_secrets(value) if is_count or is_word else None
    return value
