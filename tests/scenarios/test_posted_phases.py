"""Which of a company's seven months leave a journal: those in which a team is in its last phase."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import PICO_PER_CENT
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.journals.postings import vendor_accounts
from orchestration.publishing.origin import landed_accounts
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.test_chargeback_phases import HEADER, MONTHS, Books

pytestmark = pytest.mark.whole

ACCOUNTS = """\
scope,scope_id,gl_account,dimensions,valid_from,valid_to
default,,6100,,,
payable,,2100,,,
"""


def posted(books: Books, month: date) -> list[tuple[str, int]]:
    """Account and cents of each line of the month's journal, the payable not counted yet."""
    connection = books.company.connection
    accounts = GlAccounts(landed_accounts(connection), month)
    vendors = vendor_accounts(connection, month, "billed", PICO_PER_CENT, accounts)
    return [(line.account, line.cents) for vendor in vendors for line in vendor.lines]


def test_three_months_of_nothing_three_statements_and_a_journal(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    """Red is charged from the seventh month on; blue, and what is nobody's, never."""
    phases = f"{HEADER}red,soft,2026-06-01,,\nred,hard,2026-09-01,,\n"
    reference = {"chargeback_phases.csv": phases, "accounts.csv": ACCOUNTS}
    books = Books(compiled, tmp_path / "company", MONTHS, nobody="2.00", reference=reference)
    told = []
    for months in (MONTHS[:3], MONTHS[3:6], MONTHS[6:]):
        told += [(books.phases(month)["red"], posted(books, month)) for month in months]
        books.close(*months)
    assert told == [
        *[("showback", [])] * 3,
        *[("soft", [])] * 3,
        ("hard", [("6100", 5800)]),
    ]
    # closed, it says so for ever
    books.change("chargeback_phases.csv", f"{HEADER}red,showback,,,\n")
    assert posted(books, MONTHS[6]) == [("6100", 5800)]
