"""Builds many random accounts at once: what was landed, and the tables that came of it."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from compiled_project import CompiledProject
from random_cases import Case, make_case
from random_landing import land

from ingestion.reference.files import read_reference
from ingestion.workspace.settings import load_workspace

ALLOCATIONS = (
    "select billing_account, charge_id, cell_id, cell_meter, meter, quantity, billed_cost,"
    " match_level, allocation_method from main.fct_cost_allocations order by all"
)
BRIDGED = (
    "select billing_account, credential_id, quantity from intermediate.int_charge_parts"
    " where charge_id in (select charge_id from intermediate.int_bridged_usage) order by all"
)
BILLED = (
    "select billing_account_id, billing_month, sum(billed_cost) from main.fct_charges"
    " where source <> 'invoices.csv' group by all"
)
TIED = (
    "select billing_account, billing_month, invoice_amount, allocated, unexplained, bill_lines,"
    " rounding from main.mart_reconciliation_monthly order by all"
)
# One total by day and model, whatever it is grouped by on the way.
GROUPINGS = {
    f"by {owner}": f"select usage_date, model, sum(billed_cost), sum(estimated_cost) from ("
    f" select usage_date, model, {owner}, sum(billed_cost) as billed_cost,"
    f" sum(estimated_cost) as estimated_cost from main.{relation}"
    f" group by usage_date, model, {owner}) as grouped group by all"
    # the daily facts also have days whose requests cost nothing
    " having sum(billed_cost) <> 0 or sum(estimated_cost) <> 0 order by all"
    for relation, owner in (
        *(("fct_cost_allocations", owner) for owner in ("feature", "team", "tier")),
        ("fct_cost_daily", "feature, team, tier, environment, plan"),
        *(
            (f"fct_{owner}_cost_daily", f"{owner}, provider")
            for owner in ("feature", "team", "tier")
        ),
    )
}
Tables = dict[str, list[tuple[Any, ...]]]


@dataclass
class Built:
    """What was landed, and the tables that came of it."""

    cases: dict[str, Case]
    tables: Tables
    failing: list[str]
    charges: dict[str, dict[str, Any]]  # landed row by charge_id
    cells: dict[str, list[dict[str, Any]]]  # landed requests by cell_id


def build(workspace: Path, count: int, order: Random, *, again: bool = False) -> Built:
    cases = [make_case(number) for number in range(count)]
    tables = read_reference(load_workspace(workspace)).tables
    project = CompiledProject(workspace)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        empty = {name: table.slice(0, 0) for name, table in tables.items()}
        land(connection, cases, empty, order, again=again)
        project.build(connection)
        landed = {f"{case.account}/{row['raw_row']}": row for case in cases for row in case.charges}
        requests = {row["request_id"]: row for case in cases for row in case.requests}
        charges = connection.execute(
            "select charge_id, billing_account || '/' || raw_row from intermediate.int_bill_charges"
        ).fetchall()
        cells: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for cell, key in connection.execute(
            "select cell_id, request_id from main.fct_requests"
        ).fetchall():
            cells[cell].append(requests[key])
        return Built(
            {case.account: case for case in cases},
            {
                name: connection.execute(f"select * from main.{name} order by all").fetchall()
                for name in ("fct_charges", "fct_request_costs", "mart_reconciliation_monthly")
            }
            | {"allocations": connection.execute(ALLOCATIONS).fetchall()}
            | {"bridged": connection.execute(BRIDGED).fetchall()}
            | {"billed": connection.execute(f"{BILLED} order by all").fetchall()}
            | {"tied": connection.execute(TIED).fetchall()}
            | {name: connection.execute(sql).fetchall() for name, sql in GROUPINGS.items()},
            project.failing(connection),
            {charge: landed[key] for charge, key in charges},
            dict(cells),
        )
