"""A text of any length as blocks of whole lines of CSV or JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

BLOCK: Final = 4 * 2**20
# A quote that is never closed takes no more than this with it.
LONGEST: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Block:
    start: int  # its first byte in the text
    data: bytes

    def after(self, length: int) -> "Block":
        return Block(self.start + length, self.data[length:])


def blocks(parts: Iterable[bytes]) -> Iterator[Block]:
    start, held = 0, b""
    for part in parts:
        held += part
        if len(held) < BLOCK:
            continue
        end = _end_of_lines(held) or (_last_line(held) if len(held) >= LONGEST else 0)
        if end:
            yield Block(start, held[:end])
            start, held = start + end, held[end:]
    if held:
        yield Block(start, held)


def _end_of_lines(data: bytes) -> int:
    """Behind the last line end that stands in no quotes; 0 where all do."""
    end = data.rfind(b"\n") + 1
    quotes = data.count(b'"', 0, end)
    while end and quotes % 2:
        before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return end


def _last_line(data: bytes) -> int:
    return data.rfind(b"\n") + 1 or len(data)
