"""Invoices written down by hand: what lands, and how a wrong cell is told."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.manual_invoice import COLUMNS
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURES = Path(__file__).parent / "fixtures/manual_invoice"
# Of the landed charges under the names of october.expected.csv.
CHARGES = """
    record_no, provider, billing_account, strftime(bucket_start, '%Y-%m'), charge_kind,
    charge_category, model, meter, service_tier, consumed_quantity, consumed_unit,
    billed_cost_in_billing_currency, billing_currency, sub_account_id, credential_id, invoice_id,
    charge_description
"""
NUMBERS = ("record_no", "quantity", "cost")
HEADER = "provider,month,description,kind,amount,currency,meter,quantity,unit"


class ByHand:
    """A bill of the format and what is landed of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._landing = Landing(open_storage(str(folder / "landing")))

    def save(self, **files: str) -> LoadResult:
        (self._folder / "bill").mkdir(exist_ok=True)
        for name, text in files.items():
            (self._folder / f"bill/{name}.csv").write_text(text)
        bill = Bill("hand", "manual_invoice", "entry", str(self._folder / "bill"), None, "bill", {})
        return load_bill(bill, self._landing)

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        return landed(self._landing, self._folder / "cache", table, columns)


@pytest.fixture
def by_hand(tmp_path: Path) -> ByHand:
    return ByHand(tmp_path)


def test_lines_of_an_invoice(by_hand: ByHand) -> None:
    result = by_hand.save(october=(FIXTURES / "october.csv").read_text())
    assert (result.records, result.landed, result.quarantined) == (10, 10, 0)
    with (FIXTURES / "october.expected.csv").open(newline="") as file:
        expected = [
            tuple(
                (Decimal(text) if column in NUMBERS else text) if text else None
                for column, text in row.items()
            )
            for row in csv.DictReader(file)
        ]
    assert by_hand.rows("charges", CHARGES) == expected


def test_files_of_one_month_are_one_bill(by_hand: ByHand) -> None:
    line = f"{HEADER}\n%s,2026-10,Seats,seats,%s,USD,,,\n"
    by_hand.save(anthropic=line % ("anthropic", "30"), cursor=line % ("cursor", "40"))
    again = by_hand.save(cursor=line % ("cursor", "50"))
    assert again.objects_new == 2
    told = "provider, row_count, batch"
    assert by_hand.rows("bill_buckets", told) == [
        *(("anthropic", 1, 1), ("anthropic", 1, 2), ("cursor", 1, 1), ("cursor", 1, 2)),
    ]
    assert by_hand.save().batch is None


GOOD = "openai,2026-10,Seats,seats,1.00,USD,,,"
BAD = {
    "an amount with commas": ('openai,2026-10,Seats,seats,"1,000",USD,,,', "amount: not a number"),
    "no amount": ("openai,2026-10,Seats,seats,,USD,,,", "amount: missing"),
    "a month by its name": ("openai,Oct 2026,Seats,seats,1,USD,,,", "month: is not a month"),
    "no such month": ("openai,2026-13,Seats,seats,1,USD,,,", "month: is not a month"),
    "a symbol": ("openai,2026-10,Seats,seats,1,$,,,", "currency: not a currency code"),
    "no kind": ("openai,2026-10,Seats,,1,USD,,,", "kind: is empty: give one of tokens, tool"),
    "an unknown kind": ("openai,2026-10,Seats,chairs,1,USD,,,", "kind: is none of tokens, tool"),
    "an unknown meter": ("openai,2026-10,In,,1,USD,inputs,,", "meter: is none of input, "),
    "another unit": ("openai,2026-10,In,,1,USD,input,3,hours", "unit: input is counted in tokens"),
    "a credit to pay": ("openai,2026-10,Grant,credit,1,USD,,,", "amount: must be negative"),
    "a cell too few": ("openai,2026-10,Seats", "provider: the line has 3 cells, not 9"),
    "no provider": (",2026-10,Seats,seats,1,USD,,,", "provider: missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_cell_is_told_with_its_line_and_column(by_hand: ByHand, name: str) -> None:
    bad, problem = BAD[name]
    with pytest.raises(SourceError, match=r"^bill hand: a\.csv:4: " + problem):
        by_hand.save(a="\n".join([HEADER, GOOD, "", bad, GOOD]))
    assert by_hand.rows("charges", "*") == []


def test_all_that_is_wrong_is_told_at_once(by_hand: ByHand) -> None:
    text = "\n".join([HEADER, *["openai,2026-10,Seats,seats,x,USD,,,"] * 30])
    with pytest.raises(SourceError) as told:
        by_hand.save(a=text, b="provider,amounts\n")
    lines = str(told.value).splitlines()
    assert lines[1] == "a.csv:3: amount: not a number"
    assert lines[-1] == "and 15 more"
    with pytest.raises(
        SourceError, match="amounts: unknown column, known are provider, month"
    ) as b:
        by_hand.save(a=f"{HEADER}\n{GOOD}\n")
    assert "b.csv:1: currency: required column is missing" in str(b.value)


def test_every_column_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs/sources.md").read_text()
    section = page.split("\n### manual_invoice\n")[1].split("\n## ")[0]
    assert [name for name in COLUMNS if f"| `{name}`" not in section] == []
