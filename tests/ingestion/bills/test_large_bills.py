"""A bill that is larger than what may stay in memory reads as one that is not."""

import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.openai.reader import read_bill
from ingestion.bills.pages import reading
from ingestion.landing import bills
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.tables import rows
from ingestion.records import Parsed, SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.bills.bill_pages import bill, cost, openai_bucket, page
from tests.ingestion.bills.bill_pages import rows as rows_of
from tests.ingestion.readers import landed

OPENAI = bill("openai")
DAYS = 28


def month(lines: int) -> dict[str, bytes]:
    return {
        f"{day:02}.json": page(
            openai_bucket(day, *(cost(f"0.{n + 1}", project=f"p{n}") for n in range(lines)))
        )
        for day in range(1, DAYS + 1)
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fits."""
    monkeypatch.setattr(reading, "KEPT_WHOLE", 0)
    monkeypatch.setattr(bills, "KEPT", 0)
    monkeypatch.setattr(rows, "ROWS_AS_DICTS", 50)


def test_pages_that_are_read_twice_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = dict(read_bill(month(5), OPENAI))
    monkeypatch.setattr(reading, "KEPT_WHOLE", 0)
    again = dict(read_bill(month(5), OPENAI))
    for table in ("charges", "bill_buckets"):
        assert rows_of(again, table) == rows_of(whole, table)
        assert rows_of(again, table)


@pytest.mark.usefixtures("small")
def test_rows_of_one_page_are_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = month(300)

    def peak(read: Iterable[tuple[str, Parsed]]) -> int:
        tracemalloc.reset_peak()
        for _, said in read:
            said.rows.clear()
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        bounded = peak(read_bill(pages, OPENAI))
        monkeypatch.setattr(reading, "KEPT_WHOLE", 2**30)
        whole = peak(read_bill(pages, OPENAI))
    finally:
        tracemalloc.stop()
    assert bounded < whole / 5


@pytest.mark.usefixtures("small")
def test_a_bill_that_lands_in_parts_is_one_batch(tmp_path: Path) -> None:
    entry = written(tmp_path, month(5))
    landing = Landing(open_storage(str(tmp_path / "landing")))
    result = load_bill(entry, landing)
    assert (result.batch, result.landed) == (1, DAYS * 5)
    assert len(landing.visible_files()["charges"]) > 1
    [(count, cents)] = landed(
        landing,
        tmp_path / "cache",
        "charges",
        "count(*), cast(sum(billed_cost_in_billing_currency) * 100 as int)",
    )
    assert (count, cents) == (DAYS * 5, DAYS * 150)
    assert load_bill(entry, landing).batch is None


@pytest.mark.usefixtures("small")
def test_a_page_that_is_written_while_it_is_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = written(tmp_path, month(1))

    def rewritten(objects: Mapping[str, bytes], entry: Bill) -> Iterator[tuple[str, Parsed]]:
        (Path(entry.location) / "03.json").write_bytes(page(openai_bucket(3, cost("9"))))
        return read_bill(objects, entry)

    reader: Any = type("Reader", (), {"READER_VERSION": "1", "read_bill": staticmethod(rewritten)})
    monkeypatch.setattr("ingestion.workspace.formats.bill_reader", lambda _: reader)
    with pytest.raises(SourceError, match=r"03\.json was written while it was read: run again"):
        load_bill(entry, Landing(open_storage(str(tmp_path / "landing"))))


def written(folder: Path, pages: Mapping[str, bytes]) -> Bill:
    (folder / "bill").mkdir()
    for name, data in pages.items():
        (folder / "bill" / name).write_bytes(data)
    return Bill("openai", "openai", "org", str(folder / "bill"), None, "bill", {})
