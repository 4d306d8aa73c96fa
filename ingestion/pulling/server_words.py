"""What a server says, fit to be shown: short, on one line, without control characters or the key.

A server may echo the key cut in pieces or encoded; whatever has a piece of it is masked.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

MASK: Final = "***"
LONGEST: Final = 200
# Characters of a key that stand together nowhere by chance.
_PIECE: Final = 5
# More is not looked at: decoding and searching cost more than the words are worth.
_LOOKED_AT: Final = 4000
_ESCAPE: Final = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")


def shown(text: str, key: str) -> str:
    """`text` for a message; words with a piece of `key`, plain or encoded, are masked."""
    words = _decoded(text[:_LOOKED_AT])
    hidden = {word for form in _forms(key) for word in _words_with(words, form)}
    hidden |= {number for number, word in enumerate(words.split()) if _encodes(word, key)}
    told = " ".join(
        MASK if number in hidden else _printable(word) for number, word in enumerate(words.split())
    )
    return told[:LONGEST]


def _decoded(text: str) -> str:
    """Percent, HTML and JSON escapes undone, as often as they were laid over each other."""
    for _ in range(4):
        plain = html.unescape(unquote(_ESCAPE.sub(_character, text)))
        if plain == text:
            break
        text = plain
    return text


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


def _forms(key: str) -> Iterator[str]:
    """The key as it may stand in words: plain, turned round, in hexadecimal, in base64."""
    data = key.encode()
    yield from (key, key[::-1], data.hex())
    for shift in range(3):
        # what stands before it in the same text moves its letters by a third of a byte
        encoded = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        yield encoded[shift and shift + 1 :]


def _words_with(text: str, form: str) -> Iterator[int]:
    """Numbers of the words that a piece of the form runs through, whatever stands between."""
    wanted = _letters(form)
    size = min(_PIECE, len(wanted))
    pieces = {wanted[n : n + size] for n in range(len(wanted) - size + 1)} if size else set()
    letters, owners = [], []
    for number, word in enumerate(text.split()):
        for letter in _letters(word):
            letters.append(letter)
            owners.append(number)
    for start in range(len(letters) - size + 1 if size else 0):
        if "".join(letters[start : start + size]) in pieces:
            yield from owners[start : start + size]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _encodes(word: str, key: str) -> bool:
    """Whether base64 in the word holds a piece of the key."""
    for match in _ENCODED.findall(word):
        body = match.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            plain = base64.b64decode(body + "=" * (-len(body) % 4)).decode("latin-1")
        except ValueError:
            continue
        if any(_words_with(plain, key)):
            return True
    return False


def _printable(word: str) -> str:
    """Control, format and private characters, and halves of characters, by their numbers."""
    return "".join(
        f"\\u{ord(letter):04x}" if unicodedata.category(letter).startswith("C") else letter
        for letter in word
    )
