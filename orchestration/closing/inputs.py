"""What a month was built from: a digest of each kind of input, then and now.

Rows of reference CSVs and prices count where they are in force in the month, wherever their line
stands and whatever they are before and after it; prices, of what was used in it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import Final

import duckdb

from ingestion.reference.tables import TABLES
from ingestion.workspace.settings import Workspace
from orchestration.dbt.invocation import read_rules_versions

# Reference CSVs by what of a month they decide.
RULES: Final = ("attribution_rules", "shared_costs")
OWNERS: Final = (
    *("teams", "credentials", "customers", "aliases", "deployments", "models"),
    *("capacity", "seats"),
)
PRICES: Final = ("prices", "contracts", "commitments")
BOOK: Final = "price_book"
# Where a row was read, and when a price was looked at: no part of what it says.
BESIDE: Final = ("line", "checked_on", "source_version")


def input_digests(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    month: date,
    models: Iterable[tuple[str, str]],
) -> dict[str, str]:
    """Of each of INPUTS, as schema `landing` has them; `models`: the month's, with provider."""
    used = json.dumps(sorted(set(models)))
    rules = [_rows(connection, name, month) for name in RULES]
    owners = [_rows(connection, name, month) for name in OWNERS]
    prices = [_rows(connection, name, month) for name in PRICES]
    return {
        "rules": _digest(rules),
        "owners": _digest([json.dumps(_places(workspace), sort_keys=True), *owners]),
        "prices": _digest([*prices, _rows(connection, BOOK, month, used)]),
        "method": _digest([version("tollbook"), *read_rules_versions(workspace).values()]),
    }


def _places(workspace: Workspace) -> Mapping[str, Sequence[str]]:
    return {owner: list(places) for owner, places in workspace.attribution.items()}


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, month: date, used: str | None = None
) -> str:
    """A digest of the rows that are in force in the month, in no order."""
    described = connection.execute(f"DESCRIBE landing.{table}").fetchall()
    columns = [row[0] for row in described if row[0] not in BESIDE]
    conditions = ["true"]
    said = {name: f'"{name}"' for name in columns}
    if table == BOOK or "valid_from" in TABLES[table].columns:
        first, after = f"DATE '{month}'", f"DATE '{month}' + INTERVAL 1 MONTH"
        conditions.append(f"valid_from < {after} AND valid_to > {first}")
        # a row that ends later than anybody knew is in this month what it was
        said["valid_from"] = f"greatest(valid_from, {first})"
        said["valid_to"] = f"least(valid_to, {after})"
    parameters = []
    if used is not None:
        conditions.append(
            "(provider, model) IN (SELECT (value ->> 0, value ->> 1) FROM json_each(?::JSON))"
        )
        parameters.append(used)
    told = ", ".join(f"coalesce(CAST({each} AS VARCHAR), chr(0))" for each in said.values())
    [row] = connection.execute(
        "SELECT coalesce(md5(string_agg(told, chr(10) ORDER BY told)), '') FROM"
        f" (SELECT concat_ws(chr(31), {told}) AS told FROM landing.{table}"
        f" WHERE {' AND '.join(conditions)}) AS rows",
        parameters,
    ).fetchall()
    return f"{table} {row[0]}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
