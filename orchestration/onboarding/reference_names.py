"""Names in the reference CSVs that nothing else knows: mostly a slip of the pen."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from ingestion.reference.csvs.capacity_pools import OWN
from ingestion.reference.files import Reference
from ingestion.reference.owner_names import OWNER_COLUMNS, owners_named
from ingestion.workspace.settings import Workspace
from orchestration.warehouse.billed_accounts import Account

NOBODY = "__unallocated__"


def unknown_references(
    workspace: Workspace, reference: Reference, billed: Iterable[Account]
) -> list[str]:
    """One sentence a cell, in the order of files and lines. `billed`: the bills' accounts."""
    return [
        *_teams(reference),
        *_accounts(reference, billed),
        *_sources(workspace, reference),
    ]


def _teams(reference: Reference) -> Iterator[str]:
    """Teams that teams.csv lacks; a workspace without teams.csv has none to compare with."""
    known = _team_spellings(reference)
    if not reference["teams"].num_rows:
        return
    for table in (*OWNER_COLUMNS, "aliases", "shared_costs", "accounts"):
        for row in _rows(reference, table):
            for column, dimension, name in owners_named(table, row):
                if dimension == "team" and name.lower() not in {*known, NOBODY}:
                    yield _sentence(
                        f"{table}.csv:{row['line']}: {column}: `{name}` is no team of teams.csv",
                        name,
                        known,
                        "add it there, or correct it: it would be charged without a cost centre",
                    )


def _team_spellings(reference: Reference) -> set[str]:
    """Ids and names of teams in lower case, and what aliases.csv says for one of them."""
    known = {
        row[name].lower()
        for row in _rows(reference, "teams")
        for name in ("team_id", "team_name")
        if row[name]
    }
    return known | {
        row["raw"]
        for row in _rows(reference, "aliases")
        if row["dimension"] == "team" and row["value"].lower() in known
    }


def _accounts(reference: Reference, billed: Iterable[Account]) -> Iterator[str]:
    """Accounts that no bill has: their invoice would tie nothing, their requests match nothing."""
    known = set(billed)
    pools = {row["pool"] for row in _rows(reference, "capacity")}
    known |= {(OWN, pool) for pool in pools}
    known |= {(row["provider"], row["billing_account"]) for row in _rows(reference, "seats")}
    for table in ("invoices", "deployments", "capacity"):
        for row in _rows(reference, table):
            provider, account = row["provider"], row["billing_account"]
            if not provider or not account or (provider, account) in known:
                continue
            yield _sentence(
                f"{table}.csv:{row['line']}: billing_account: no bill is of `{account}` of"
                f" {provider}",
                account,
                {name for of, name in known if of == provider},
                "correct it, or add its bill to tollbook.yaml",
            )


def _sources(workspace: Workspace, reference: Reference) -> Iterator[str]:
    gateways = {gateway.name for gateway in workspace.gateways}
    bills = {bill.name for bill in workspace.bills}
    for table, column, known in (
        ("credentials", "source", gateways | bills),
        ("deployments", "gateway", gateways),
    ):
        for row in _rows(reference, table):
            if row[column] not in known:
                yield _sentence(
                    f"{table}.csv:{row['line']}: {column}: `{row[column]}` is no name in"
                    " tollbook.yaml",
                    row[column],
                    known,
                    f"there are {', '.join(sorted(known))}",
                )


def _rows(reference: Reference, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reference[table].to_pylist()
    return rows


def _sentence(what: str, name: str, known: Iterable[str], advice: str) -> str:
    close = get_close_matches(name.lower(), sorted(known), n=1)
    return f"{what}: did you mean `{close[0]}`? Else {advice}" if close else f"{what}: {advice}"
