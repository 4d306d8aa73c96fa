"""The reference data of a workspace, typed and checked; all problems are told at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from ingestion.known_errors import KnownError
from ingestion.prices.litellm_map_snapshots import map_files, skipped_entries
from ingestion.reference.columns import ReferenceTable
from ingestion.reference.conflicts import name_ties, overlaps, rule_ties, seat_ties
from ingestion.reference.csvs.accepted_losses import unknown_gateways
from ingestion.reference.csvs.budgets import unit_problems
from ingestion.reference.csvs.capacity_pools import pool_conflicts
from ingestion.reference.csvs.chargeback_phases import disputed_twice
from ingestion.reference.csvs.exchange_rates import currency_problems
from ingestion.reference.csvs.invoices import settled
from ingestion.reference.csvs.rate_card import unknown_teams
from ingestion.reference.limits.standing import standing_limits
from ingestion.reference.owner_names import two_spellings
from ingestion.reference.rows import ReferenceRow, read_rows
from ingestion.reference.rules.parts import with_details
from ingestion.reference.tables import TABLES
from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace

RULES: Final = "attribution_rules"


class ReferenceError(KnownError):
    """Everything wrong with the reference data, one `file:line: column: what` per line."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Every reference table by name; empty where its CSV is absent.

    Columns are those of the CSV and `line`, the CSV line that the row starts at (the header is
    line 1). `valid_from` and `valid_to` are UTC instants, open ends 0001-01-01 and 9999-12-31.
    Conditions and targets of rules are tables of their own. `warnings` tell what was skipped, a
    sentence each.
    """

    tables: Mapping[str, pa.Table]
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> pa.Table:
        return self.tables[name]


def read_reference(workspace: Workspace) -> Reference:
    """Reads every CSV of the reference folder, which may be absent; raises ReferenceError."""
    storage = open_storage(workspace.reference)
    problems: list[str] = []
    rows: dict[str, list[ReferenceRow]] = {}
    for info in storage.list(may_be_missing=True):
        table = info.name.removesuffix(".csv")
        if table in TABLES and info.name.endswith(".csv"):
            rows[table] = _rows(storage, table, workspace, problems)
        elif info.name.lower().endswith(".csv") and "/" not in info.name:
            problems.append(f"{storage.location}/{info.name}:1: {_unknown(table)}")
    rows["invoices"] = _settled(storage, rows, problems)
    for of_teams in ("budgets", "rate_card"):
        wrong = unknown_teams(rows.get(of_teams, []), rows.get("teams", []))
        problems += [f"{storage.location}/{of_teams}.csv:{line}: {what}" for line, what in wrong]
    problems += map_files(storage)[1]
    limits = standing_limits(workspace, storage)
    problems += limits.problems
    if problems:
        raise ReferenceError("\n".join(problems))
    tables = {name: _arrow(table, rows.get(name, [])) for name, table in sorted(TABLES.items())}
    tables["standing_limits"] = limits.table
    return Reference(with_details(tables), (*skipped_entries(storage), *limits.warnings))


def _rows(
    storage: Storage, table: str, workspace: Workspace, problems: list[str]
) -> list[ReferenceRow]:
    file = f"{storage.location}/{table}.csv"
    rows, wrong = read_rows(TABLES[table], storage.get(f"{table}.csv").data)
    wrong += rule_ties(rows) if table == RULES else overlaps(TABLES[table], rows)
    wrong += currency_problems(table, rows, workspace.currency)
    wrong += two_spellings(table, rows)
    if table == "teams":
        wrong += name_ties(rows)
    if table == "accepted_losses":
        wrong += unknown_gateways(rows, [gateway.name for gateway in workspace.gateways])
    if table == "disputes":
        wrong += disputed_twice(rows)
    if table == "capacity":
        wrong += pool_conflicts(rows)
    if table == "seats":
        wrong += seat_ties(rows)
    if table == "budgets":
        wrong += unit_problems(rows, workspace.currency)
    problems += [f"{file}:{line}: {what}" for line, what in sorted(wrong)]
    return rows


def _settled(
    storage: Storage, rows: dict[str, list[ReferenceRow]], problems: list[str]
) -> list[ReferenceRow]:
    """Invoices whose payments say their commitment; of a broken commitments.csv nothing more."""
    invoices, wrong = settled(rows.get("invoices", []), rows.get("commitments", []))
    if not any("/commitments.csv:" in problem for problem in problems):
        problems += [f"{storage.location}/invoices.csv:{line}: {what}" for line, what in wrong]
    return invoices


def _unknown(table: str) -> str:
    known = ", ".join(f"{name}.csv" for name in sorted(TABLES))
    return f"unknown reference file {table}.csv: known are {known}"


def _arrow(table: ReferenceTable, rows: list[ReferenceRow]) -> pa.Table:
    schema = pa.schema(
        [
            *[pa.field(name, column.arrow) for name, column in table.columns.items()],
            pa.field("line", pa.int32()),
        ]
    )
    return pa.Table.from_pylist([{**row.values, "line": row.line} for row in rows], schema=schema)
