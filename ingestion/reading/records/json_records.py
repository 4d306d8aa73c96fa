"""Cuts an object of JSON into its records, with the bytes where each one stands.

What ends too early gives the records that are whole, and where the cut one begins.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

# (byte offset, the record's bytes)
Located = tuple[int, bytes]

_ANY_JSON: Final = msgspec.json.Decoder(msgspec.Raw)
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
BOM: Final = b"\xef\xbb\xbf"
# Of Unix, of Windows, and of what knows neither.
LINE_END: Final = re.compile(rb"\r\n|\n|\r")
# Bytes at an end that are looked at together.
LOOK: Final = 4096
_BETWEEN: Final = re.compile(rb"[\s,]*")
# Numbers stay texts: one of any length is skipped.
_SCANNER: Final = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
# An escape: a pair that is one character, half of such a pair, or any other.
_ESCAPE: Final = re.compile(
    rb"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(?P<half>\\u[dD][89a-fA-F]\w\w)|\\."
)

# Names that APIs and exports give the rows of a page. Only scalars may stand before them, and that
# there is no error (Cloudflare), which tells pages from records without decoding these.
PAGE_LISTS: Final = (
    *("data", "logs", "spend_logs", "rows", "results", "result", "items", "runs"),
    # of Azure Monitor in an Event Hub
    "records",
)
# What a page says beside its list. One without an item that says anything else is a record: an
# error, or a log's line with an empty list in it.
PAGING: Final = frozenset(
    (
        *("object", "total", "total_count", "total_pages", "count", "page", "page_size", "limit"),
        *("offset", "has_more", "next_page", "next_cursor", "cursor", "first_id", "last_id"),
        *("cursors", "parsed_query"),
        "meta",
    )
)
_PAGE: Final = re.compile(
    rb'\{\s*(?:"(?:\w+"\s*:\s*(?:"[^"\\]*"|[^"\[{},]+)|(?:errors|messages)"\s*:\s*\[\s*\]),\s*)*+'
    rb'"(?:%s)"\s*:\s*\[\s*[{\]]' % "|".join(PAGE_LISTS).encode()
)

# The end of a name and its colon; a text that ends so has a mark or a blank before its own.
_NAMED: Final = re.compile(rb'\w"\s*:\s*\Z')
MARKS_BEFORE: Final = 6  # bytes of them, as a log has them; more are looked at in whole


def json_records(
    data: bytes, *, damaged: bool = False, pages: bool = False
) -> tuple[Iterator[Located], int | None]:
    """The records, and where the rest begins that is cut off, None where nothing is.

    One record a line; or a JSON document over several lines: an array's items, or itself. `damaged`
    says that the data ends too early; else that is seen where it ends within a record.
    """
    start = len(BOM) if data.startswith(BOM) else 0
    document = _document(data, start, pages)
    if document is not None:
        records, end = iter(document[0]), document[1]
    else:
        end = _end_of_lines(data, damaged)
        records = _lines(data if end is None else data[:end], start)
    if damaged and end is None:
        end = len(data)
    return (unwrapped(records) if pages else records), end


def without_half_characters(record: bytes) -> bytes:
    """JSON with a mark for each half character that cutting a text short has left in it.

    Python writes them, as escapes, and no UTF-8 text can hold them.
    """
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], record)


def last_line(data: bytes, end: int | None = None) -> int:
    """Where the last line begins, of the text before `end`."""
    line = data.rfind(b"\n", 0, end)
    return max(line, data.rfind(b"\r", line + 1, end)) + 1


def _end_of_text(data: bytes) -> int:
    """Where nothing but blanks is left: an object is large, and `rstrip` would copy it."""
    end = len(data)
    while end:
        tail = data[max(0, end - LOOK) : end]
        end -= len(tail)
        if kept := tail.rstrip():
            return end + len(kept)
    return 0


def _lines(data: bytes, start: int) -> Iterator[Located]:
    of_unix = b"\r" not in data
    while start < len(data):
        end = data.find(b"\n", start) if of_unix else _line_end(data, start)
        if end < 0:
            end = len(data)
        line = data[start:end].lstrip()
        if line:
            yield end - len(line), line.rstrip()
        start = end + 1


def _line_end(data: bytes, start: int) -> int:
    found = LINE_END.search(data, start)
    return found.start() if found else -1


def _end_of_lines(data: bytes, damaged: bool) -> int | None:
    """Where the last line begins, if it is cut off."""
    if damaged:
        return last_line(data)
    end = last_line(data, _end_of_text(data))
    return end if end and _is_cut_off(data[end:]) else None


def _document(data: bytes, start: int, pages: bool) -> tuple[list[Located], int | None] | None:
    """The records of a document that is not one record a line; None when lines are to be read."""
    text = data[start:].lstrip()
    if not text:
        return None
    at = len(data) - len(text)
    last = _end_of_text(text)
    end = _line_end(text, 0)
    is_one_line = not 0 <= end < last
    if text.startswith(b"["):
        text = text[:last]
        items = _items(data, text)
        if items is not None:
            return items, None
        return _whole_items(data, at + 1) if _is_cut_off(text) else None
    if _is_json(text[: last if is_one_line else end]):
        return None
    text = text[:last]
    if _is_json(text):
        return [(at, text)], None
    if not _is_cut_off(text) or any(map(_is_json, LINE_END.split(text))):
        return None
    page = _PAGE.match(text) if pages else None
    return _whole_items(data, at + page.end() - 1) if page else ([], at)


def unwrapped(located: Iterator[Located]) -> Iterator[Located]:
    """Records, with those inside a page envelope, `{"data": [...], "total": 2}`, for the page."""
    for each in located:
        offset, record = each
        items = _page_items(record) if _may_be_page(record) and _PAGE.match(record) else None
        if items is None:
            yield each
        else:
            yield from ((offset + position, item) for position, item in items)


def _may_be_page(record: bytes) -> bool:
    """Not where an object stands under a name before any list does, as in most logs."""
    opening = record.find(b"{", 1)
    if opening < 0 or record.find(b"[", 0, opening) >= 0:
        return True
    if record[opening - 3 : opening] == b'": ' and record[opening - 4 : opening - 3].isalnum():
        return False
    return not _NAMED.search(record[max(0, opening - MARKS_BEFORE) : opening])


def _page_items(record: bytes) -> list[Located] | None:
    try:
        page = _OBJECT.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    lists = [name for name in PAGE_LISTS if name in page]
    if len(lists) != 1:
        return None
    items = _items(record, bytes(page[lists[0]]))
    return items if items or page.keys() <= {*lists, *PAGING} else None


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


def _is_cut_off(text: bytes) -> bool:
    """True for the beginning of a JSON value: nothing in it is wrong but that it ends."""
    try:
        _ANY_JSON.decode(text)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    except (UnicodeDecodeError, RecursionError):
        return False
    return False


def _whole_items(data: bytes, at: int) -> tuple[list[Located], int]:
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
