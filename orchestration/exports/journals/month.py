"""The journals of a month that is closed: files below `journals/`, and what its manifest says."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import duckdb

from ingestion.workspace.closing import JournalEntry
from orchestration.cents.largest_remainder import cents_text, places_of, unit_of
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.journals.layout import Layout, load_layout
from orchestration.exports.journals.postings import vendor_accounts
from orchestration.exports.journals.values import Posting
from orchestration.exports.journals.writer import JournalFile, journal_files
from orchestration.exports.manifest import currency_of
from orchestration.exports.months import Journals
from orchestration.publishing.origin import read_origin

FOLDER: Final = "journals"
CHECK: Final = "check with your template: no template of the vendor confirmed this layout"


def month_journals(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    entries: Sequence[JournalEntry],
    reversed_on: date | None = None,
) -> Journals:
    """One folder a layout; raises JournalError, one sentence, where one cannot be written.

    `reversed_on`: of an accrual.
    """
    if not entries:
        return {}, {}
    origin = read_origin(connection)
    currency = currency_of(connection) or ""
    accounts = GlAccounts(origin.accounts, month)
    vendors = vendor_accounts(
        connection, month, origin.chargeback_basis, unit_of(currency), accounts
    )
    files: dict[str, bytes] = {}
    said: dict[str, Any] = {}
    for entry in entries:
        layout = load_layout(entry.layout)
        posting = Posting(
            entry.layout,
            month,
            _last_day(month),
            currency,
            places_of(currency),
            entry.facts,
            reversed_on,
        )
        made = journal_files(layout, posting, vendors)
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
