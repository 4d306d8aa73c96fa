"""Under which account of the general ledger money is posted: the lines of accounts.csv."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from ingestion.reference.conflicts import RECOVERY
from orchestration.cents.posted import PostedLine

# The first scope that has a line wins.
PRECEDENCE: Final = ("cause", "team", "provider", "default")
PAYABLE: Final = "payable"
# What is owed and not invoiced yet.
ACCRUAL: Final = "accrual"


@dataclass(frozen=True, slots=True)
class GlAccount:
    """`line`: of accounts.csv."""

    gl_account: str
    dimensions: Mapping[str, str]
    line: int


class GlAccounts:
    """The lines of `Origin.accounts` that are in force when the month ends."""

    def __init__(self, accounts: str, month: date) -> None:
        after = datetime(month.year, month.month, 1, tzinfo=UTC) + timedelta(days=32)
        self._found = dict(_in_force(json.loads(accounts), after.replace(day=1)))
        self.names_causes = any(scope == "cause" for scope, _ in self._found)

    def of(self, line: PostedLine, cause: str | None = None) -> GlAccount | None:
        """Of money of a line; None where no line of accounts.csv has it."""
        row = line.row
        ids = {"cause": cause, "team": row["team"], "provider": row["provider"], "default": ""}
        keys = [(scope, _folded(ids[scope])) for scope in PRECEDENCE if ids[scope] is not None]
        return next((self._found[key] for key in keys if key in self._found), None)

    def payable(self, provider: str, *, accrued: bool = False) -> GlAccount | None:
        """Where what is owed to the vendor stands, which balances what teams owe; before it is
        invoiced under the scope `accrual`, where accounts.csv has it.
        """
        scopes = (ACCRUAL, PAYABLE) if accrued else (PAYABLE,)
        keys = [(scope, scope_id) for scope in scopes for scope_id in (_folded(provider), "")]
        return next((self._found[key] for key in keys if key in self._found), None)

    def recovery(self) -> GlAccount | None:
        """Where it stands that teams are charged more or less than they cost."""
        return self._found.get(("cause", RECOVERY))

    def of_all(self, line: PostedLine, parts: Mapping[str | None, int]) -> str | None:
        """The one account of a line with these cents by cause; where causes have others, the one
        that it has but for them.
        """
        found = [self.of(line, cause) for cause, cents in parts.items() if cents]
        accounts = {account.gl_account if account else None for account in found}
        if len(accounts) == 1:
            return accounts.pop()
        account = self.of(line)
        return account.gl_account if account else None


def _in_force(
    rows: Iterable[Mapping[str, Any]], after: datetime
) -> Iterable[tuple[tuple[str, str], GlAccount]]:
    for row in rows:
        start, end = (_utc(row[name]) for name in ("valid_from", "valid_to"))
        if start < after <= end:
            words = (part.partition("=") for part in (row["dimensions"] or "").split(";") if part)
            dimensions = {name: word for name, _, word in words}
            key = (row["scope"], _folded(row["scope_id"]))
            yield key, GlAccount(row["gl_account"], dimensions, row["line"])


def _folded(scope_id: str | None) -> str:
    """Spellings of an owner in other case are the same."""
    return (scope_id or "").lower()


def _utc(moment: str) -> datetime:
    """The warehouse's instants are plain UTC."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)
