"""What a terminal is given: text of logs, bills, files and servers is never a command to it."""

import json
import re
import unicodedata
from typing import Any, Final, TextIO

LINE_BREAKS: Final = ("\n", "\t")
# Control, format (among them what turns the direction of text round), line ends, lone surrogates.
UNSEEN: Final = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
# Nearly all text has nothing of the kind.
PLAIN: Final = re.compile(r"[\x20-\x7e\n\t\u00a1-\u00ac\u00ae-\u05ff]*\Z")


def printable(text: str) -> str:
    """`text` with what a terminal would obey written out: `\\x1b`, `\\u202e`."""
    if PLAIN.match(text):
        return text
    return "".join(_shown(letter) for letter in text)


def one_line(text: str) -> str:
    """The same for a part of a line, whose line ends are written out, too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def printable_json(text: str) -> str:
    """The same for JSON, in its own words; line ends are between its values only."""
    if PLAIN.match(text):
        return text
    return "".join(
        letter if _shown(letter) == letter else json.dumps(letter)[1:-1] for letter in text
    )


def _shown(letter: str) -> str:
    if letter in LINE_BREAKS or unicodedata.category(letter) not in UNSEEN:
        return letter
    code = ord(letter)
    if code <= 0xFF:
        return {"\r": "\\r"}.get(letter, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


class PrintableStream:
    """A text stream that everything of the process is printed through, tracebacks as well."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def unescaped(self) -> TextIO:
        """For who commands the terminal and makes every text harmless before."""
        return self._stream

    def write(self, text: str) -> int:
        self._stream.write(printable(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
