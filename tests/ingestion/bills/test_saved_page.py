"""A saved page is read a block at a time, wherever its bytes are cut."""

import json
import tracemalloc
from collections.abc import Iterator

import pytest

from ingestion.bills.tables import saved_page
from ingestion.bills.tables.saved_page import page_items
from ingestion.bills.tables.table_format import SavedPage
from ingestion.records import SourceError

RECORDS = [
    {"a": 'a "quoted" ] } text \\', "b": [1, [2, {"c": "],"}]]},
    {},
    "a text, alone",
    {"ü": "\u00fc\n", "empty": []},
    12,
]


def cut(data: bytes, length: int) -> Iterator[bytes]:
    return (data[at : at + length] for at in range(0, len(data), length))


PAGES = {
    "a page": lambda records: {"data": records},
    "with more beside it": lambda records: {"object": "list", "n": 2, "data": records, "x": [{}]},
    "a list": lambda records: records,
}


@pytest.mark.parametrize("length", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", PAGES)
def test_records_are_found_wherever_parts_end(name: str, indent: int | None, length: int) -> None:
    for records in (RECORDS, []):
        data = b"\xef\xbb\xbf" + json.dumps(PAGES[name](records), indent=indent).encode()
        items = [
            item
            for block in page_items(cut(data, length), "p", SavedPage("data"))
            for item in block
        ]
        assert [json.loads(literal) for _, literal in items] == records
        at = [data.find(literal, start) - start for start, literal in items]
        assert all(0 <= spaces <= 8 for spaces in at)


def test_a_block_is_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_page, "BLOCK", 10_000)
    record = b'{"date": "2026-10-05", "usage": 0.25},'
    parts = (b'{"data":[' + record * 99 if n == 0 else record * 99 for n in range(600))
    tracemalloc.start()
    count = 0
    try:
        with pytest.raises(SourceError, match="cut off"):  # its end is missing
            for block in page_items(parts, "p", SavedPage("data")):
                count += len(block)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 58_000
    assert peak < 500_000  # of 2.3 MB


def test_a_text_without_end_is_refused_before_it_fills_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saved_page, "LONGEST", 10_000)
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b'{"data":["'
        while True:
            taken += 1
            yield b"a" * 1000

    with pytest.raises(SourceError, match="not JSON, or cut off"):
        list(page_items(endless(), "p", SavedPage("data")))
    assert taken < 100
