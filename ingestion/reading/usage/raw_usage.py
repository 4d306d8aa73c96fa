"""What of a usage object lands as `raw_usage`: its counts, and the few words that bills know.

So that a mapping bug is mended without the source, counts of any name stay. A text does only under
a name that is known to hold a word. Of an answer from a gateway's own cache it has, under `spared`,
the tokens of the call that is repeated, as disjoint meters: nobody used them, so that no meter of
the request has them, and dbt makes `avoided_cost` of them (decision 93).

A log's usages are of a few shapes: all but their counts is the same, byte by byte. Of a shape whose
every name and word lands, what lands is what stands there, without its blanks: only a number may
differ, and no way to write one (decision 155).
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec

from ingestion.reading.unreadable import Unreadable
from ingestion.records import Row
from ingestion.secret_forms import without_secrets
from ingestion.vocabulary import TOKEN_METERS

WORDS: Final = frozenset(
    ("service_tier", "inference_geo", "speed", "type", "model", "modality", "unit", "object")
)
WORD: Final = re.compile(r"[\w.:/@-]{1,128}")
NAME: Final = re.compile(r"[\w.:@-]{1,64}")
# Values that land as they are.
PLAIN: Final = frozenset((int, float, bool, type(None)))
DEEPEST: Final = 8
LONGEST: Final = 100  # entries of one list or object
SPARED: Final = "spared"
_JSON: Final = msgspec.json.Decoder()
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER: Final = msgspec.json.Encoder()
# Numbers that are written again as they stand; of others there is no shape.
WHOLE: Final = rb"(?:0|[1-9][0-9]{0,14})"
BROKEN: Final = rb"(?!0\.0000)(?:0|[1-9][0-9]{0,2})\.(?:0|[0-9]{0,11}[1-9])"
# No name and no word that lands has a blank, a comma or a bracket in it.
NUMBER: Final = re.compile(rb"(?<=[:\[, ])(%s|%s)(?=[\s,}\]])" % (BROKEN, WHOLE))
BLANK: Final = b" "
SEEN_OFTEN: Final = 3
MOST_SEEN: Final = 1000
# To compile one takes as long as to decode two hundred usages.
MOST_SHAPES: Final = 64
# By how many texts they have.
_SHAPES: Final[dict[int, list[re.Pattern[bytes]]]] = {}
_SEEN: Final[Counter[bytes]] = Counter()


def known_usage(literal: bytes | None) -> str | None:
    """Compact JSON; None where there is no usage, or it is no JSON object."""
    if not literal:
        return None
    return as_it_stands(literal) or _decoded(literal)


def _decoded(literal: bytes) -> str | None:
    try:
        usage = _JSON.decode(literal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    if not isinstance(usage, dict):
        return None
    landed = _ENCODER.encode(_counts(usage, DEEPEST)).decode()
    remember(literal, landed)
    return landed


def with_spared(usage: str | None, meters_of: Callable[[], Row]) -> str | None:
    """`meters_of` makes the meters of the call that is repeated. Counts that are none refuse no
    hit: what it spared is unknown then.
    """
    try:
        meters = meters_of()
    except Unreadable:
        return usage
    counts = {meter: count for meter in TOKEN_METERS if (count := meters.get(f"{meter}_quantity"))}
    if not counts:
        return usage
    said = _OBJECT.decode(usage) if usage else {}
    return _ENCODER.encode({**said, SPARED: counts}).decode()


def _counts(said: dict[str, Any], depth: int) -> dict[str, Any]:
    """What lands of an object, which is changed for it."""
    if len(said) > LONGEST or not _all_land(tuple(said)):
        said = {name: said[name] for name in list(said)[:LONGEST] if _lands(name)}
    if PLAIN.issuperset(map(type, said.values())):
        return said
    gone = []
    for name, value in said.items():
        kind = type(value)
        if kind in PLAIN:
            continue
        # most of what is no count is an object of counts
        kept = _counts(value, depth - 1) if kind is dict and depth else _kept(name, value, depth)
        if kept is None:
            gone.append(name)
        else:
            said[name] = kept
    for name in gone:
        del said[name]
    return said


@lru_cache(maxsize=4096)
def _all_land(names: tuple[str, ...]) -> bool:
    return all(map(_lands, names))


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
        if name in WORDS:
            return _word(value)
        return _number(value)
    return value


def _number(text: str) -> str | None:
    return without_secrets(text) if text.isdecimal() and len(text) <= 20 else None


@lru_cache(maxsize=4096)
def _word(text: str) -> str | None:
    return without_secrets(text) if WORD.fullmatch(text) else _number(text)


def as_it_stands(literal: bytes) -> str | None:
    """What lands of a usage of a known shape."""
    for shape in _SHAPES.get(literal.count(b'"'), ()):
        if shape.fullmatch(literal):
            return literal.replace(BLANK, b"").decode()
    return None


def remember(literal: bytes, landed: str) -> None:
    """Its shape, where all of it landed and it is seen often."""
    if sum(map(len, _SHAPES.values())) >= MOST_SHAPES:
        return
    if literal.replace(BLANK, b"") != landed.encode():
        return
    parts = NUMBER.split(literal)
    parts[1::2] = [BROKEN if b"." in number else WHOLE for number in parts[1::2]]
    parts[::2] = map(re.escape, parts[::2])
    shape = b"".join(parts)
    _SEEN[shape] += 1
    if _SEEN[shape] == SEEN_OFTEN:
        _SHAPES.setdefault(literal.count(b'"'), []).append(re.compile(shape))
    if len(_SEEN) > MOST_SEEN:
        _SEEN.clear()
