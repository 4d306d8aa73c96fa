"""Journals of a closed or accrued month: files below `journals/`, and what its manifest says."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import duckdb

from ingestion.workspace.sections.closing import JournalEntry
from orchestration.cents.largest_remainder import cents_text, places_of, unit_of
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.journals.layout import Layout, load_layout
from orchestration.exports.journals.lines import Line, VendorAccount
from orchestration.exports.journals.postings import vendor_accounts
from orchestration.exports.journals.values import Posting
from orchestration.exports.journals.writer import JournalFile, journal_files
from orchestration.exports.manifest import currency_of
from orchestration.exports.months import Journals
from orchestration.publishing.origin import read_origin

FOLDER: Final = "journals"
# Letters of their ids.
ACCRUES: Final = "A"
REVERSES: Final = "R"
CHECK: Final = "check with your template: no template of the vendor confirmed this layout"


# What is posted together into one kind of ledger.
Booked = tuple[Posting, Sequence[VendorAccount]]


def month_journals(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    entries: Sequence[JournalEntry],
    posted_on: date | None = None,
) -> Journals:
    """One folder a layout; raises JournalError, one sentence, where one cannot be written.

    `posted_on`: another day than the month's last one, of a month that was accrued.
    """

    def booked(_: Layout, posting: Posting, vendors: Sequence[VendorAccount]) -> list[Booked]:
        return [(replace(posting, posted_on=posted_on or posting.posted_on), vendors)]

    return _journals(connection, month, entries, booked)


def accrual_journals(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    entries: Sequence[JournalEntry],
    reversed_on: date,
) -> Journals:
    """An accrual that says when it is reversed; where a layout cannot, the reversal beside it."""

    def booked(layout: Layout, posting: Posting, vendors: Sequence[VendorAccount]) -> list[Booked]:
        accrual = replace(posting, kind=ACCRUES)
        if layout.reverses:
            return [(replace(accrual, reversed_on=reversed_on), _told(vendors, "accrual: "))]
        reversal = replace(posting, kind=REVERSES, posted_on=reversed_on)
        return [
            (accrual, _told(vendors, "accrual: ")),
            (reversal, _told(vendors, "reversal: ", sign=-1)),
        ]

    return _journals(connection, month, entries, booked, accrued=True)


def _told(vendors: Iterable[VendorAccount], word: str, sign: int = 1) -> list[VendorAccount]:
    """The same lines under this word, or what takes them back."""

    def told(line: Line) -> Line:
        return replace(line, memo=f"{word}{line.memo}", cents=sign * line.cents)

    return [
        VendorAccount([told(line) for line in vendor.lines], told(vendor.balancing))
        for vendor in vendors
    ]


def _journals(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    entries: Sequence[JournalEntry],
    booked: Callable[[Layout, Posting, Sequence[VendorAccount]], list[Booked]],
    *,
    accrued: bool = False,
) -> Journals:
    if not entries:
        return {}, {}
    origin = read_origin(connection)
    currency = currency_of(connection) or ""
    accounts = GlAccounts(origin.accounts, month)
    vendors = vendor_accounts(
        connection, month, origin.chargeback_basis, unit_of(currency), accounts, accrued=accrued
    )
    files: dict[str, bytes] = {}
    said: dict[str, Any] = {}
    for entry in entries:
        layout = load_layout(entry.layout)
        posting = Posting(
            entry.layout, month, _last_day(month), currency, places_of(currency), entry.facts
        )
        made = [
            file
            for each in booked(layout, posting, vendors)
            for file in journal_files(layout, *each)
        ]
        files |= {f"{FOLDER}/{entry.layout}/{file.name}": file.data for file in made}
        said[entry.layout] = _said(layout, posting, made)
    return files, said


def _said(layout: Layout, posting: Posting, files: Sequence[JournalFile]) -> dict[str, Any]:
    return {
        "title": layout.title,
        "source": layout.source,
        "template": "confirmed" if layout.confirmed else CHECK,
        "checked": layout.checked,
        "files": {
            f"{FOLDER}/{posting.name}/{file.name}": {
                "journals": list(file.journals),
                "lines": file.lines,
                "debit": cents_text(file.debit, posting.places),
                "credit": cents_text(file.debit, posting.places),
                "sha256": hashlib.sha256(file.data).hexdigest(),
            }
            for file in files
        },
    }


def _last_day(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
