"""SQL of the dbt project without what is only said of it: comments, line breaks, indents."""

import re
from functools import cache
from typing import Final

from jinja2 import Environment

QUOTES: Final = frozenset("'\"")
# What is not code begins with one of these and ends with the other.
ENDS: Final = {"'": "'", '"': '"', "--": "\n", "/*": "*/"}
_BEGINS: Final = re.compile("|".join(re.escape(begin) for begin in ENDS))
_SPACE: Final = re.compile(r"\s+")
_COMMENT: Final = frozenset(("comment_begin", "comment", "comment_end"))
_TAGS: Final = {
    "block_begin": "{%",
    "block_end": " %}",
    "variable_begin": "{{",
    "variable_end": " }}",
}


@cache
def plain_sql(text: str) -> str:
    """Equal for texts that differ in comments and white space alone; other texts stay apart.

    Jinja stays, also where it stands in a comment of SQL: it runs there. White space beside a tag
    of Jinja's that prints nothing does not count.
    """
    plain = _Plain()
    for _, kind, value in Environment(autoescape=False).lex(text):
        if kind == "data":
            plain.add_sql(value)
        elif kind in _TAGS:
            plain.add_tag(kind, _TAGS[kind])
        elif kind not in _COMMENT and kind != "whitespace":
            plain.add(f" {value}")
    # what began nowhere has no end: a quote that only one branch of Jinja's has
    return text if plain.inside in QUOTES or plain.inside == "/*" else plain.text


class _Plain:
    """The text so far. `inside`: with what the quote or comment began that it ends in, else ''."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._after_block = True
        self.inside = ""

    @property
    def text(self) -> str:
        return "".join(self._pieces).rstrip()

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self._after_block = False

    def add_tag(self, kind: str, tag: str) -> None:
        if kind == "block_begin" and self._pieces and self.inside not in QUOTES:
            self._pieces[-1] = self._pieces[-1].rstrip()
        self.add(tag)
        self._after_block = kind == "block_end"

    def add_sql(self, text: str) -> None:
        place = 0
        while place < len(text):
            place = self._add_inside(text, place) if self.inside else self._add_code(text, place)

    def _add_code(self, text: str, place: int) -> int:
        found = _BEGINS.search(text, place)
        self._add_spaced(text[place : found.start() if found else None])
        if not found:
            return len(text)
        self.inside = found[0]
        if self.inside in QUOTES:
            self.add(self.inside)
        return found.end()

    def _add_inside(self, text: str, place: int) -> int:
        """A quote as it is, a comment as the space that it is to who reads the SQL."""
        end = ENDS[self.inside]
        found = text.find(end, place)
        stop = len(text) if found < 0 else found + len(end)
        if self.inside in QUOTES:
            self.add(text[place:stop])
        elif found >= 0:
            self._add_spaced(" ")
        if found >= 0:
            self.inside = ""
        return stop

    def _add_spaced(self, code: str) -> None:
        spaced = _SPACE.sub(" ", code)
        if self._after_block or (self._pieces and self._pieces[-1].endswith(" ")):
            spaced = spaced.lstrip()
        if spaced:
            self.add(spaced)
