"""The short form of `make bench-bills`."""

from pathlib import Path

from benchmarks.bills.cur import ACCOUNT, write_cur
from benchmarks.bills.measured import landed, lines
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import open_landing
from ingestion.workspace.sources import Bill


def test_an_export_is_told_by_rows_and_memory() -> None:
    found = landed(600_000, 0.1)
    assert found.records == 10 * found.landed > 0
    assert found.cpu > 0 < found.peak
    assert "| 1 MB |" in "\n".join(lines([found, found]))


def test_every_row_of_it_is_read_and_none_is_bad(tmp_path: Path) -> None:
    write_cur(tmp_path / "cur", 1_000_000, 0.5)
    bill = Bill("aws", "aws_cur", ACCOUNT, str(tmp_path / "cur"), None, "bill", {})
    result = load_bill(bill, open_landing(str(tmp_path / "landing")))
    assert (result.records, result.landed, result.quarantined) == (2_000, 1_000, 0)
