"""Cuts an object of JSON into its records, with the bytes where each one stands."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

_ANY_JSON: Final = msgspec.json.Decoder(msgspec.Raw)
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
BOM: Final = b"\xef\xbb\xbf"
# An escape: a pair that is one character, half of such a pair, or any other.
_ESCAPE: Final = re.compile(
    rb"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(?P<half>\\u[dD][89a-fA-F]\w\w)|\\."
)

# Names that APIs and exports give the rows of a page. Only scalars may stand before them, which
# tells pages from records without decoding these.
PAGE_LISTS: Final = ("data", "logs", "spend_logs", "rows", "results", "items")
_PAGE: Final = re.compile(
    rb'\{\s*(?:"\w+"\s*:\s*(?:"[^"\\]*"|[^"\[{},]+),\s*)*"(?:%s)"\s*:\s*\[\s*[{\]]'
    % "|".join(PAGE_LISTS).encode()
)

# (byte offset, the record's bytes)
Located = tuple[int, bytes]


def json_records(data: bytes) -> Iterator[Located]:
    """One record a line; or a JSON document over several lines: an array's items, or itself."""
    start = len(BOM) if data.startswith(BOM) else 0
    document = _document(data, start)
    return _lines(data, start) if document is None else iter(document)


def without_half_characters(record: bytes) -> bytes:
    """JSON with a mark for each half character that cutting a text short has left in it.

    Python writes them, as escapes, and no UTF-8 text can hold them.
    """
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], record)


def _lines(data: bytes, start: int) -> Iterator[Located]:
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].lstrip()
        if line:
            yield end - len(line), line.rstrip()
        start = end + 1


def _document(data: bytes, start: int) -> list[Located] | None:
    """The records of a document that is not one record a line; None when lines are to be read."""
    text = data[start:].strip()
    if text.startswith(b"["):
        return _items(data, text)
    end = text.find(b"\n")
    if end < 0 or _is_json(text[:end]) or not _is_json(text):
        return None
    return [(data.index(text, start), text)]


def unwrapped(located: Iterator[Located]) -> Iterator[Located]:
    """Records, with those inside a page envelope, `{"data": [...], "total": 2}`, for the page."""
    for offset, record in located:
        items = _page_items(record) if _PAGE.match(record) else None
        if items is None:
            yield offset, record
        else:
            yield from ((offset + position, item) for position, item in items)


def _page_items(record: bytes) -> list[Located] | None:
    try:
        page = _OBJECT.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    lists = [bytes(page[name]) for name in PAGE_LISTS if name in page]
    return _items(record, lists[0]) if len(lists) == 1 else None


def _items(data: bytes, text: bytes) -> list[Located] | None:
    try:
        items = _ARRAY.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    located = []
    position = data.index(text)
    for item in items:
        record = bytes(item)
        position = data.index(record, position)
        located.append((position, record))
        position += len(record)
    return located


def _is_json(text: bytes) -> bool:
    try:
        _ANY_JSON.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
