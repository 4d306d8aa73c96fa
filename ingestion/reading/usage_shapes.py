"""Usage objects that are written alike: all but their counts is the same, byte by byte.

A log's usages are of a few shapes. Of a shape whose every name and word lands, what lands is what
stands there, without its blanks: only a number may differ, and no way to write one.
"""

import re
from collections import Counter
from typing import Final

import msgspec

# Numbers that are written again as they stand; of others there is no shape.
WHOLE: Final = rb"(?:0|[1-9][0-9]{0,14})"
BROKEN: Final = rb"(?!0\.0000)(?:0|[1-9][0-9]{0,2})\.(?:0|[0-9]{0,11}[1-9])"
# No name and no word that lands has a blank, a comma or a bracket in it.
NUMBER: Final = re.compile(rb"(?<=[:\[, ])(%s|%s)(?=[\s,}\]])" % (BROKEN, WHOLE))
SEEN_OFTEN: Final = 3
MOST_SEEN: Final = 1000
# To compile one takes as long as to decode two hundred usages.
MOST_SHAPES: Final = 64
# By how many texts they have.
_SHAPES: Final[dict[int, list[re.Pattern[bytes]]]] = {}
_SEEN: Final[Counter[bytes]] = Counter()


def as_it_stands(literal: bytes) -> str | None:
    """What lands of a usage of a known shape."""
    for shape in _SHAPES.get(literal.count(b'"'), ()):
        if shape.fullmatch(literal):
            return msgspec.json.format(literal, indent=-1).decode()
    return None


def remember(literal: bytes, landed: str) -> None:
    """Its shape, where all of it landed and it is seen often."""
    if sum(map(len, _SHAPES.values())) >= MOST_SHAPES:
        return
    if msgspec.json.format(literal, indent=-1) != landed.encode():
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
