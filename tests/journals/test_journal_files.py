"""Journals as files: each layout's is what its vendor's page says, and what was posted."""

import io
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.sections.closing import LAYOUTS
from orchestration.exports.journals.layout import FOLDER, load_layout
from orchestration.exports.journals.lines import JournalError, Line, VendorAccount
from orchestration.exports.journals.values import Posting
from orchestration.exports.journals.writer import JournalFile, journal_files
from tests.journals.vendor_pages import READERS, Read, read

GOLDEN: Final = Path(__file__).with_name("golden")
FACTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "netsuite": {"subsidiary": "Northwind HR Inc", "vendors": {"openai": "OpenAI, LLC"}},
    "oracle_fusion": {
        "ledger_id": "300000001",
        "source": "Tollbook",
        "category": "AI usage",
        "segments": ["01", "{cost_center}", "{account}", "000"],
    },
    "sap_s4hana": {"company_code": "1000", "document_type": "SA"},
    "workday": {"company": "NW_1", "journal_source": "Tollbook"},
    "quickbooks": {"vendors": {"openai": "OpenAI, LLC"}},
    "xero": {"tax_rate": "Tax Exempt", "tracking": ["cost_center"]},
    "dynamics365": {"journal_name": "GenJrn", "account_format": "{account}-{cost_center}--"},
}
NAMES: Final = ('Sales, "EMEA"', "=cmd()|'/C calc'!A0", "x" * 200, "人事部", "a\r\nb\tc")
PAYABLE: Final = Line(
    "2100", 0, "AI usage 2026-10 openai org-a INV-9", {"cost_center": "CC0"}, vendor="openai"
)


def posting(name: str, **facts: Any) -> Posting:
    said = {**FACTS[name], **facts}
    return Posting(name, date(2026, 10, 1), date(2026, 10, 31), "USD", 2, said)


def account(cents: Sequence[int], **more: Any) -> VendorAccount:
    lines = [
        Line(
            f"61{number % 7:02d}",
            each,
            f"AI usage 2026-10 openai org-a {NAMES[number % len(NAMES)]}",
            cost_center=f"CC{number % 40}",
            **more,
        )
        for number, each in enumerate(cents)
    ]
    return VendorAccount(lines, PAYABLE)


def written(name: str, *vendors: VendorAccount, **facts: Any) -> list[JournalFile]:
    return journal_files(load_layout(name), posting(name, **facts), list(vendors))


def checked(name: str, files: Sequence[JournalFile], *vendors: VendorAccount) -> list[Read]:
    """By the vendor's page; and every cent that was posted is there, once."""
    found = [read(name, file.data) for file in files]
    for file, each in zip(files, found, strict=True):
        assert each.lines == file.lines
        amounts = [amount for lines in each.journals.values() for _, amount in lines]
        assert sum(amount for amount in amounts if amount > 0) == Decimal(file.debit) / 100
    owed = sum(line.cents for vendor in vendors for line in vendor.lines)
    amounts = [
        amount
        for each in found
        for lines in each.journals.values()
        for number, amount in lines
        if "2100" not in number
    ]
    assert sum(amounts) == Decimal(owed) / 100
    return found


def test_every_layout_says_where_it_is_from_and_has_a_validator() -> None:
    assert {file.stem for file in FOLDER.glob("*.yml")} == LAYOUTS.keys() == READERS.keys()
    for name in LAYOUTS:
        layout = load_layout(name)
        assert layout.source.startswith("https://") and layout.checked
        assert any(column.is_amount for column in layout.columns)


@pytest.mark.parametrize("name", LAYOUTS)
def test_golden_files(name: str) -> None:
    """Two vendors, a team that got money back, a correction, a cent, names of every kind."""
    vendors = [
        account([120_050, -3_000, 1, 99, 5]),
        VendorAccount(
            [Line("6100", -250, "AI usage 2026-10 correction of 2026-08 anthropic hr")],
            replace(PAYABLE, memo="AI usage 2026-10 anthropic org-b", vendor="anthropic"),
        ),
    ]
    # Oracle's segments are never empty
    vendors[1] = replace(vendors[1], lines=[replace(vendors[1].lines[0], cost_center="CC7")])
    files = written(name, *vendors)
    checked(name, files, *vendors)
    [file] = files
    data = file.data
    if name == "oracle_fusion":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read("GlInterface.csv")
    golden = GOLDEN / f"{name}.csv"
    if os.environ.get("TOLLBOOK_REFRESH_GOLDEN") == "1":
        golden.write_bytes(data)
    assert data == golden.read_bytes()
    assert written(name, *vendors) == files


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_cent_over_37_teams_and_a_month_that_pays_back(name: str) -> None:
    cent = account([1] + [0] * 36)
    assert checked(name, written(name, cent), cent)[0].lines == 2
    back = account([-100, -50, 20])
    checked(name, written(name, back), back)
    assert written(name, account([0, 0])) == []


@pytest.mark.parametrize(
    ("name", "most", "lines", "pieces"),
    [
        ("xero", 300, 299, [299]),
        ("xero", 300, 300, [300]),
        ("xero", 300, 301, [300, 2]),
        ("sap_s4hana", 999, 998, [998]),
        ("sap_s4hana", 999, 999, [999]),
        ("sap_s4hana", 999, 1000, [999, 2]),
        ("netsuite", None, 1000, [1000]),
    ],
)
def test_a_journal_is_split_where_the_layout_ends(
    name: str, most: int | None, lines: int, pieces: list[int]
) -> None:
    """`lines` with the one that balances; each piece has one of its own."""
    vendor = account([7] * (lines - 1))
    files = written(name, vendor)
    found = checked(name, files, vendor)
    assert [len(each) for read in found for each in read.journals.values()] == pieces
    assert len(files) == (len(pieces) if name == "xero" else 1)
    assert len({file.name for file in files}) == len(files)
    keys = [key for file in files for key in file.journals]
    assert keys == [f"TB-202610-{number:03d}" for number in range(1, len(pieces) + 1)]


def test_an_account_that_fits_is_not_cut() -> None:
    first, second = account([7] * 200), account([9] * 150)
    found = checked("xero", written("xero", first, second), first, second)
    assert [read.lines for read in found] == [201, 151]


def test_names_arrive_whole_or_cut_and_never_run() -> None:
    vendor = account([100] * len(NAMES))
    [found] = checked("sap_s4hana", written("sap_s4hana", vendor), vendor)
    assert max(len(text) for text in found.texts) == 50
    [found] = checked("netsuite", written("netsuite", vendor), vendor)
    start = "AI usage 2026-10 openai org-a "
    assert found.texts[:5] == [start + name for name in (*NAMES[:4], "a b c")]
    formula = VendorAccount([replace(vendor.lines[0], account="=1+1")], PAYABLE)
    with pytest.raises(JournalError, match=r"Account of .* which a spreadsheet would run"):
        written("netsuite", formula)


def test_a_header_never_runs() -> None:
    vendor = account([100], dimensions={"@Region": "EU"})
    with pytest.raises(JournalError, match="netsuite: the header is '@Region', which a spread"):
        written("netsuite", vendor)
    with pytest.raises(JournalError, match="netsuite: the header is '=Klasse'"):
        written("netsuite", account([100]), columns={"Class": "=Klasse"})


def test_a_currency_has_its_own_places() -> None:
    vendor = account([1234])
    yen = replace(posting("dynamics365"), currency="JPY", places=0)
    [file] = journal_files(load_layout("dynamics365"), yen, [vendor])
    [lines] = read("dynamics365", file.data).journals.values()
    assert [amount for _, amount in lines] == [1234, -1234]
    dinar = replace(posting("xero"), currency="KWD", places=3)
    with pytest.raises(JournalError, match=r"xero: .* takes 2 decimal places, KWD has 3"):
        journal_files(load_layout("xero"), dinar, [vendor])


def test_an_accrual_says_when_it_is_reversed_where_the_layout_can() -> None:
    vendor = account([100])
    for name in LAYOUTS:
        layout, accrual = load_layout(name), posting(name)
        accrual = replace(accrual, reversed_on=date(2026, 11, 1))
        if layout.reverses:
            [file] = journal_files(layout, accrual, [vendor])
            read(name, file.data)
            assert b"11/01/2026" in file.data or b"20261101,01" in file.data
        else:
            with pytest.raises(JournalError, match="no field for the date"):
                journal_files(layout, accrual, [vendor])


def test_dimensions_have_a_place_or_are_refused() -> None:
    vendor = account([100], dimensions={"Class": "AI", "Region": "EU"})
    [file] = written("netsuite", vendor)
    header, first, *_ = file.data.decode().splitlines()
    assert header.endswith(",Department,Class,Location,Region")
    assert first.endswith(",CC0,AI,,EU")
    with pytest.raises(
        JournalError, match=r"quickbooks: accounts\.csv names the dimension `Region`"
    ):
        written("quickbooks", vendor)
    [file] = written("quickbooks", vendor, ignore=["Region"])
    assert file.data.decode().splitlines()[1].endswith(",AI,")
    with pytest.raises(JournalError, match=r"segment 2 \(`{Fund}`\) of .* is empty"):
        written("oracle_fusion", vendor, segments=["01", "{Fund}", "{Region}{Class}"])


def test_columns_are_renamed_or_left_out_but_none_that_balances() -> None:
    vendor = account([100])
    [file] = written("netsuite", vendor, columns={"Department": "Cost Center", "Location": None})
    assert file.data.decode().splitlines()[0].endswith(",Name,Cost Center,Class")
    for columns, why in (
        ({"Credit": None}, "leaves out `Credit`, without which no journal balances"),
        ({"Account": None}, "leaves out `Account`, which is required"),
        ({"Kredit": "x"}, "names `Kredit`: known are External ID"),
    ):
        with pytest.raises(JournalError, match=f"netsuite: `columns` {why}"):
            written("netsuite", vendor, columns=columns)


def test_a_team_of_another_entity_than_its_payable_does_not_balance() -> None:
    """The vendor's payable is the first subsidiary's, the team is put into a second one."""
    vendor = account([1205], dimensions={"Subsidiary": "Northwind GmbH"})
    with pytest.raises(JournalError) as caught:
        written("netsuite", vendor)
    assert str(caught.value) == (
        "netsuite: journal TB-202610-001 does not balance for Subsidiary `Northwind GmbH`:"
        " 12.05 USD are open; the account of a team and the payable of its vendor must be of one in"
        " accounts.csv"
    )


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("xero", {"account": "12345678901"}, "AccountCode of .*: it takes 10 characters"),
        ("sap_s4hana", {"cost_center": "C" * 11}, "CostCenter of .*: it takes 10 characters"),
        ("netsuite", {"cents": 10**13}, "Debit of .*: it takes 10 digits"),
        ("workday", {"account": ""}, "L_LedgerAccount of .* is empty, and it is required"),
    ],
)
def test_what_a_layout_does_not_take_is_told(name: str, change: dict[str, Any], why: str) -> None:
    vendor = account([100])
    wrong = VendorAccount([replace(vendor.lines[0], **change)], PAYABLE)
    with pytest.raises(JournalError, match=f"{name}: {why}"):
        written(name, wrong)
