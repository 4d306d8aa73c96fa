"""Whose accounts the bills are of: a bill of a format with several providers says it row by row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from ingestion.workspace.formats import BILLS, bill_provider
from ingestion.workspace.sources import Bill
from orchestration.warehouse.parquet_days import file_list

Account = tuple[str, str]  # provider, billing account
# Schema `landing` of a warehouse or of a scan: a bill has a row for each of its accounts.
BILLED: Final = """
    SELECT source, provider, billing_account FROM landing.sources
    WHERE kind = 'bill' AND provider IS NOT NULL AND (role = 'bill' OR NOT $standing)
    ORDER BY ALL
"""


def accounts_of_bills(
    bills: Iterable[Bill], buckets: Iterable[Path] = ()
) -> dict[str, list[Account]]:
    """Bill -> its accounts, none of a bill that nothing has landed of or that is a
    report of seats. `buckets`: landed files."""
    accounts: dict[str, list[Account]] = {}
    landed: Mapping[str, list[Account]] | None = None
    for bill in bills:
        if BILLS[bill.format].of_seats:
            accounts[bill.name] = []
        elif provider := bill_provider(bill):
            accounts[bill.name] = [(provider, bill.account)]
        else:
            landed = _landed(list(buckets)) if landed is None else landed
            accounts[bill.name] = landed.get(bill.name, [])
    return accounts


def billed_accounts(
    connection: duckdb.DuckDBPyConnection, *, standing: bool = True
) -> dict[Account, str]:
    """Account -> the bill that has it; `standing` leaves out bills that only check others."""
    rows = connection.execute(BILLED, {"standing": standing}).fetchall()
    return {(provider, account): source for source, provider, account in rows}


def _landed(buckets: list[Path]) -> Mapping[str, list[Account]]:
    found: dict[str, list[Account]] = defaultdict(list)
    if buckets:
        with duckdb.connect() as connection:
            rows = connection.execute(
                "SELECT DISTINCT source, provider, billing_account"
                f" FROM read_parquet({file_list(buckets)}, union_by_name = true) ORDER BY ALL"
            ).fetchall()
        for source, provider, account in rows:
            found[source].append((provider, account))
    return found
