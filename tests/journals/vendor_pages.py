"""What vendors' pages say of a journal's file, read as their import would; shares no code with the
writer. `read(name, data)` raises AssertionError for what an import would refuse.

NetSuite: docs.oracle.com, journal entry line-level fields · Oracle Fusion: docs.oracle.com,
GL_INTERFACE and the mapping guide of customer cloud service · SAP: API Journal Entry - Post ·
Workday: a tenant's published template · QuickBooks: Import journal entries · Xero: Enter multiple
manual journals using an import template · Dynamics 365: General journal entity.
"""

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

US: Final = "%m/%d/%Y"
AMOUNT: Final = r"\d{1,13}(\.\d{1,4})?"


@dataclass(frozen=True)
class Read:
    """Journal -> its lines as (account, signed amount), and the texts of all lines."""

    journals: dict[str, list[tuple[str, Decimal]]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return sum(len(lines) for lines in self.journals.values())


def read(name: str, data: bytes) -> Read:
    found = READERS[name](data)
    assert found.journals, "no journal"
    for key, lines in found.journals.items():
        assert len(lines) >= 2, f"{key}: a journal has at least two lines"
        assert sum(amount for _, amount in lines) == 0, f"{key}: does not balance"
        assert all(amount for _, amount in lines), f"{key}: a line of nothing"
    return found


def _rows(data: bytes) -> list[list[str]]:
    assert not data.startswith(b"\xef\xbb\xbf"), "a mark that the first header would begin with"
    text = data.decode("utf-8")
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", ""), "line ends"
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1, "rows of several widths"
    for cell in (cell for row in rows for cell in row):
        number = re.fullmatch(rf"-?{AMOUNT}", cell)
        assert number or not re.match(r"[=+\-@\t\r]", cell), f"a spreadsheet would run {cell!r}"
        assert "\n" not in cell and "\r" not in cell, "a line end within a cell"
    return rows


def _dicts(data: bytes, header: Sequence[str]) -> list[dict[str, str]]:
    first, *rest = _rows(data)
    assert first == list(header), f"header {first}"
    return [dict(zip(first, row, strict=True)) for row in rest]


def _debit_credit(debit: str, credit: str, places: int, zero: str = "") -> Decimal:
    assert (debit == zero) != (credit == zero), f"debit {debit!r}, credit {credit!r}"
    text = credit if debit == zero else debit
    assert re.fullmatch(rf"\d{{1,10}}(\.\d{{1,{places}}})?", text), text
    return Decimal(text) * (-1 if debit == zero else 1)


def _day(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)


def _must(row: Mapping[str, str], *names: str) -> None:
    for name in names:
        assert row[name].strip(), f"{name} is required"


def _same(rows: Iterable[Mapping[str, str]], by: str, *names: str) -> None:
    """A journal's lines agree on its header."""
    seen: dict[str, list[str]] = {}
    for row in rows:
        said = [row[name] for name in names]
        assert seen.setdefault(row[by], said) == said, f"{row[by]}: {names} differ"


def _netsuite(data: bytes) -> Read:
    header = ("External ID", "Date", "Subsidiary", "Currency", "Reversal Date", "Account")
    rows = _dicts(
        data, (*header, "Debit", "Credit", "Memo", "Name", "Department", "Class", "Location")
    )
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        _must(row, "External ID", "Date", "Currency", "Account")
        _day(row["Date"], US)
        assert row["Account"] == row["Account"].strip(), "no spaces around a name"
        assert len(row["Memo"]) <= 999
        amount = _debit_credit(row["Debit"], row["Credit"], 2)
        found[row["External ID"]].append((row["Account"], amount))
    _same(rows, "External ID", "Date", "Subsidiary", "Currency", "Reversal Date")
    return Read(dict(found), [row["Memo"] for row in rows])


def _oracle(data: bytes) -> Read:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["GlInterface.csv"]
        rows = _rows(archive.read("GlInterface.csv"))
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        cell = dict(enumerate(row, start=1))
        assert len(row) == 149
        assert cell[1] == "NEW" and cell[8] == "A"
        assert re.fullmatch(r"\d{1,18}", cell[2]), "ledger id is a number"
        for day in (cell[3], cell[7]):
            assert _day(day, "%Y/%m/%d").strftime("%Y/%m/%d") == day
        for place, most in ((4, 25), (5, 25), (43, 100), (46, 100)):
            assert 0 < len(cell[place]) <= most, f"column {place}"
        assert re.fullmatch("[A-Z]{3}", cell[6])
        assert cell[9] and all(len(cell[place]) <= 25 for place in range(9, 39))
        assert len(cell[52]) <= 240
        empty = [*range(41, 43), 44, 45, *range(47, 52), *range(53, 67), *range(68, 150)]
        assert not any(cell[place] for place in empty)
        account = ".".join(cell[place] for place in range(9, 39) if cell[place])
        found[cell[46]].append((account, _debit_credit(cell[39], cell[40], 3)))
    return Read(dict(found), [row[51] for row in rows])


def _sap(data: bytes) -> Read:
    names = "JournalEntry CompanyCode AccountingDocumentType DocumentDate PostingDate"
    names += " DocumentReferenceID DocumentHeaderText TransactionCurrency PlannedReversalDate"
    names += " ReversalReason GLAccount DebitCreditCode AmountInTransactionCurrency CostCenter"
    rows = _dicts(data, [*names.split(), "ProfitCenter", "DocumentItemText"])
    lengths = {"CompanyCode": 4, "AccountingDocumentType": 2, "DocumentReferenceID": 16}
    lengths |= {"DocumentHeaderText": 25, "GLAccount": 10, "CostCenter": 10, "ProfitCenter": 10}
    lengths |= {"DocumentItemText": 50, "TransactionCurrency": 5, "ReversalReason": 2}
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        _must(row, "CompanyCode", "AccountingDocumentType", "TransactionCurrency", "GLAccount")
        for name in ("DocumentDate", "PostingDate"):
            assert re.fullmatch(r"\d{8}", row[name])
            _day(row[name], "%Y%m%d")
        assert all(len(row[name]) <= most for name, most in lengths.items())
        assert row["DebitCreditCode"] in ("S", "H")
        text = row["AmountInTransactionCurrency"]
        assert re.fullmatch(AMOUNT, text), "amounts have no sign"
        sign = 1 if row["DebitCreditCode"] == "S" else -1
        found[row["JournalEntry"]].append((row["GLAccount"], sign * Decimal(text)))
    _same(rows, "JournalEntry", "CompanyCode", "PostingDate", "DocumentReferenceID")
    assert all(len(lines) <= 999 for lines in found.values()), "999 lines a document"
    return Read(dict(found), [row["DocumentItemText"] for row in rows])


def _workday(data: bytes) -> Read:
    names = "H_JournalKey H_Company H_Currency H_LedgerType H_BookCode H_AccountingDate"
    names += " H_JournalSource H_BalancingWorktag H_JournalEntryMemo H_JournalExternalRefID"
    names += " H_ReversalDate L_Order L_LedgerAccount L_DebitAmount L_CreditAmount L_Currency"
    names += " L_Memo L_SpendCategory L_Company L_CostCenter"
    rows = _dicts(data, names.split())
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        _must(row, "H_JournalKey", "H_Company", "H_Currency", "H_LedgerType", "H_AccountingDate")
        _must(row, "H_JournalSource", "L_Order", "L_LedgerAccount")
        assert len(row["H_JournalKey"]) <= 30 and row["H_LedgerType"] == "ACTUALS"
        _day(row["H_AccountingDate"], US)
        lines = found[row["H_JournalKey"]]
        assert int(row["L_Order"]) == len(lines) + 1
        amount = _debit_credit(row["L_DebitAmount"], row["L_CreditAmount"], 3)
        lines.append((row["L_LedgerAccount"], amount))
    _same(rows, "H_JournalKey", "H_Company", "H_Currency", "H_AccountingDate", "H_JournalSource")
    return Read(dict(found), [row["L_Memo"] for row in rows])


def _quickbooks(data: bytes) -> Read:
    names = ("Journal No.", "Journal Date", "Account Name", "Description", "Debits", "Credits")
    rows = _dicts(data, (*names, "Name", "Class", "Location"))
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        _must(row, "Journal No.", "Journal Date", "Account Name")
        assert len(row["Journal No."]) <= 21 and len(row["Description"]) <= 4000
        _day(row["Journal Date"], US)
        amount = _debit_credit(row["Debits"], row["Credits"], 2)
        found[row["Journal No."]].append((row["Account Name"], amount))
    _same(rows, "Journal No.", "Journal Date")
    return Read(dict(found), [row["Description"] for row in rows])


def _xero(data: bytes) -> Read:
    names = ("Narration", "Date", "Description", "AccountCode", "TaxRate", "Amount")
    tracking = ("TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2")
    rows = _dicts(data, (*names, *tracking))
    assert len(rows) <= 300, "300 lines in one template file"
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        _must(row, "Narration", "Date", "AccountCode", "TaxRate", "Amount")
        _day(row["Date"], "%d/%m/%Y")
        assert re.fullmatch(r"-?\d{1,13}(\.\d{1,2})?", row["Amount"])
        assert len(row["AccountCode"]) <= 10
        for name, option in (tracking[:2], tracking[2:]):
            assert bool(row[name]) == bool(row[option]), f"{name} and {option} belong together"
        # rows of one narration and date are one journal
        key = f"{row['Narration']} {row['Date']}"
        found[key].append((row["AccountCode"], Decimal(row["Amount"])))
    return Read(dict(found), [row["Description"] for row in rows])


def _dynamics(data: bytes) -> Read:
    names = "JOURNALBATCHNUMBER JOURNALNAME DESCRIPTION LINENUMBER ACCOUNTTYPE ACCOUNTDISPLAYVALUE"
    names += " TRANSDATE VOUCHER TEXT CURRENCYCODE DEBITAMOUNT CREDITAMOUNT"
    rows = _dicts(data, names.split())
    found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        _must(row, "LINENUMBER", "TRANSDATE", "VOUCHER", "CURRENCYCODE", "ACCOUNTDISPLAYVALUE")
        assert int(row["LINENUMBER"]) == number, "the second segment of the primary key"
        assert row["ACCOUNTTYPE"] in ("Bank", "Customer", "Ledger", "Vendor")
        _day(row["TRANSDATE"], "%Y-%m-%d")
        zero = "0" if "." not in row["DEBITAMOUNT"] else "0.00"
        amount = _debit_credit(row["DEBITAMOUNT"], row["CREDITAMOUNT"], 3, zero)
        found[row["VOUCHER"]].append((row["ACCOUNTDISPLAYVALUE"], amount))
    # of a batch the header's values are the same; of a voucher the date
    _same(rows, "JOURNALBATCHNUMBER", "JOURNALNAME", "DESCRIPTION")
    _same(rows, "VOUCHER", "TRANSDATE")
    return Read(dict(found), [row["TEXT"] for row in rows])


READERS: Final[Mapping[str, Callable[[bytes], Read]]] = {
    "netsuite": _netsuite,
    "oracle_fusion": _oracle,
    "sap_s4hana": _sap,
    "workday": _workday,
    "quickbooks": _quickbooks,
    "xero": _xero,
    "dynamics365": _dynamics,
}
