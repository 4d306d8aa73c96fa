"""What the CSVs lack for the journals that tollbook.yaml names, before a close is refused."""

from collections.abc import Iterable
from typing import Final

from ingestion.reference.files import Reference
from ingestion.vocabulary import PHASES
from ingestion.workspace.settings import Workspace
from orchestration.warehouse.billed_accounts import Account

EVERYBODY: Final = "default"
PAYABLE: Final = "payable"


def missing_accounts(
    workspace: Workspace, reference: Reference, billed: Iterable[Account]
) -> list[str]:
    """One sentence each, none without journals. `billed`: the bills' accounts."""
    if not workspace.journals:
        return []
    rows = reference["accounts"].to_pylist()
    scopes = {row["scope"] for row in rows}
    payables = {(row["scope_id"] or "").lower() for row in rows if row["scope"] == PAYABLE}
    providers = sorted({provider for provider, _ in billed if provider.lower() not in payables})
    told = [
        f"journals: accounts.csv has no account for what {provider} is owed: until it has the line"
        f" `{PAYABLE},{provider},<account>` no month is closed"
        for provider in providers
        if "" not in payables
    ]
    if not any(row["phase"] == PHASES[-1] for row in reference["chargeback_phases"].to_pylist()):
        told.append(
            f"journals: chargeback_phases.csv has no team in phase {PHASES[-1]}: until one is,"
            " nothing is posted"
        )
    if EVERYBODY not in scopes:
        told.append(
            f"journals: accounts.csv has no `{EVERYBODY}`: a month in which a team or"
            " `__unallocated__` has money and no line of its own is not closed"
        )
    return told
