"""JSON that ends too early: whether it does, and what of it is whole."""

import json
import re
from typing import Final

import msgspec

# (byte offset, the record's bytes)
Located = tuple[int, bytes]

_ANY_JSON: Final = msgspec.json.Decoder(msgspec.Raw)
_BETWEEN: Final = re.compile(rb"[\s,]*")
# Numbers stay texts: one of any length is skipped.
_SCANNER: Final = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)


def is_json(text: bytes) -> bool:
    try:
        _ANY_JSON.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def is_cut_off(text: bytes) -> bool:
    """True for the beginning of a JSON value: nothing in it is wrong but that it ends."""
    try:
        _ANY_JSON.decode(text)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    except (UnicodeDecodeError, RecursionError):
        return False
    return False


def whole_items(data: bytes, at: int) -> tuple[list[Located], int]:
    """The whole items of an array that begins before `at`, and where the cut one begins."""
    # a character a byte, so that places in the text are places in the data
    text = data.decode("latin-1")
    items: list[Located] = []
    while True:
        between = _BETWEEN.match(data, at)
        at = between.end() if between else at
        try:
            _, end = _SCANNER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return items, at
        items.append((at, data[at:end]))
        at = end
