"""Whose an Azure bill is: an enrolment or a billing account, alone or in a path of Azure's."""

import re
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.workspace.sources import Bill

_ACCOUNT: Final = re.compile(r"\d{5,}|[0-9a-f-]{36}:.+", re.IGNORECASE)
# FOCUS's path may go on to a billing profile.
_IN_PATH: Final = re.compile(r"billingAccounts/([^/]+)", re.IGNORECASE)


def check_account(said: str | None, bill: Bill) -> None:
    """Raises RowError for a row of another account than the bill's, if that names one."""
    found = _IN_PATH.search(said or "")
    account = found[1] if found else said
    if account and _ACCOUNT.fullmatch(bill.account) and account.lower() != bill.account.lower():
        raise RowError(
            "BillingAccountId", "another account than the bill's: give it a bill of its own"
        )
