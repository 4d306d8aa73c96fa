"""A page of an API, saved as it was answered: the records of its list, a block at a time."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ingestion.bills.lines.json_values import json_value
from ingestion.bills.pages.foreign_files import foreign_json
from ingestion.bills.tables.table_format import SavedPage
from ingestion.bills.tables.text_blocks import BLOCK, LONGEST
from ingestion.reading.records.json_records import BOM
from ingestion.records import SourceError

Item = tuple[int, bytes]  # (its first byte in the text, its JSON)

# Before the list only scalars and flat objects may stand.
_HEAD: Final = (
    r'\s*\{{\s*(?:"\w+"\s*:\s*(?:"[^"\\]*"|\{{[^\[\]{{}}]*\}}|[^"\[{{}},]+),\s*)*+'
    r'"{key}"\s*:\s*\['
)
_LIST: Final = re.compile(rb"\s*\[")
_HEAD_LENGTH: Final = 64 * 1024
# What opens, closes or parts values; a string goes as one, `whole` where its end is held.
_MARK: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:(?P<whole>")|\\?\Z)|[{}\[\],]', re.DOTALL)
_AGAIN: Final = "save the page again"


def page_items(parts: Iterable[bytes], name: str, page: SavedPage) -> Iterator[list[Item]]:
    """Raises SourceError for what has no such list (nor is one), and for a page that is cut off or
    has another behind it.
    """
    text = _Text(iter(parts))
    head = _head(text, name, page.records)
    block: list[Item] = []
    held = 0
    for item in _items(text, name):
        block.append(item)
        held += len(item[1])
        if held >= BLOCK:
            yield block
            block, held = [], 0
    yield block
    while len(text.data) <= LONGEST and text.more():
        pass
    _check_envelope(head + b"]" + text.data, name, page)


def _check_envelope(data: bytes, name: str, page: SavedPage) -> None:
    try:
        said = json_value(data)
    except ValueError:
        raise _cut(name) from None
    if not isinstance(said, dict):
        return
    if said.get("error"):
        what = foreign_json(data) or "an error answer of the API"
        raise SourceError(f"{name}: is {what}: {_AGAIN}")
    promised: Any = said
    for key in page.more:
        promised = promised.get(key) if isinstance(promised, dict) else None
    if page.more and promised:
        path = ".".join(page.more)
        raise SourceError(f"{name}: `{path}` promises a further page: {page.whole}")


class _Text:
    """What is held of it; what was read goes."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self.data, self.start = parts, b"", 0

    def more(self) -> bool:
        part = next(self._parts, None)
        self.data += part or b""
        return part is not None

    def drop(self, length: int) -> None:
        self.data = self.data[length:]
        self.start += length


def _head(text: _Text, name: str, key: str) -> bytes:
    """What stands before the first record."""
    while len(text.data) < _HEAD_LENGTH and text.more():
        pass
    if text.data.startswith(BOM):
        text.drop(len(BOM))
    envelope = re.compile(_HEAD.format(key=key).encode())
    found = envelope.match(text.data) or _LIST.match(text.data)
    if found is None:
        what = foreign_json(text.data)
        of = f" ({what})" if what else ""
        raise SourceError(f"{name}: has no list `{key}`{of}: {_AGAIN}")
    text.drop(found.end())
    return found[0]


def _items(text: _Text, name: str) -> Iterator[Item]:
    """Up to the end of the list; `text` is then behind it."""
    begin = at = depth = 0
    while True:
        found = _MARK.search(text.data, at)
        is_cut = found is not None and found[0][:1] == b'"' and not found["whole"]
        if found is None or is_cut:
            at = found.start() if found else len(text.data)
            text.drop(begin)
            at, begin = at - begin, 0
            if len(text.data) > LONGEST or not text.more():
                raise _cut(name)
            continue
        mark, at = found[0], found.end()
        if mark in (b"{", b"["):
            depth += 1
        elif depth:
            depth -= mark in (b"}", b"]")
        elif mark == b"}":
            raise _cut(name)
        elif mark in (b",", b"]"):
            literal = text.data[begin : found.start()].strip()
            if literal:
                yield text.start + begin, literal
            begin = at
            if mark == b"]":
                break
    text.drop(at)


def _cut(name: str) -> SourceError:
    return SourceError(f"{name}: not JSON, or cut off: {_AGAIN}")
