"""What last month's bill would look like: how many of its dollars would have an owner.

The real models on a warehouse in a temporary folder, filled from a scan: no SQL of its own could
say what matching and rules make of a dollar.
"""

import dataclasses
import shutil
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from ingestion.vocabulary import OWNERS
from ingestion.workspace.settings import Workspace
from orchestration.assets.warehouse import fill_landing
from orchestration.checks.keyless_usage import MART, KeylessUsage, keyless_usage
from orchestration.dbt.invocation import PARSE, build_folder, dbt_manifest, invoke_dbt
from orchestration.onboarding.scan import Scan
from orchestration.running.source_states import SourceState, sources_of, write_state
from orchestration.running.working_folder import WORKING
from orchestration.warehouse.landing_schema import open_warehouse

FACTS: Final = "fct_cost_allocations"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Billed dollars of the newest billed month, and how many of them have an owner; of all months
    what logs that do not say their key got of the bill.
    """

    month: date
    billed: Decimal
    owned: dict[str, Decimal]
    keyless: list[KeylessUsage]


def owner_coverage(workspace: Workspace, scan: Scan) -> Coverage | None:
    """None where nothing is billed, or what was scanned cannot be built."""
    scratch = dataclasses.replace(
        workspace,
        file=scan.folder / workspace.file.name,
        landing=scan.landing,
        warehouse=scan.folder / workspace.warehouse.name,
    )
    _reuse_parse(workspace, scratch)
    for source in sources_of(workspace):
        message = scan.unreadable.get(source.name, "")
        write_state(scratch, SourceState(source.name, "failed" if message else "ok", message))
    with open_warehouse(scratch.warehouse) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        fill_landing(connection, scratch, store=False)
    command = ["--no-write-json", "run", "--select", f"+{FACTS}", f"+{MART}"]
    result = invoke_dbt(
        scratch, build_folder(scratch), command, lambda _: None, dbt_manifest(scratch)
    )
    if not result.success:
        return None
    with duckdb.connect(scratch.warehouse, read_only=True) as connection:
        return _newest_month(connection)


def _reuse_parse(workspace: Workspace, scratch: Workspace) -> None:
    """What dbt parsed for the workspace serves its scratch, and saves seconds."""
    parsed = workspace.file.parent.joinpath(WORKING, *PARSE)
    if parsed.is_dir():
        shutil.copytree(parsed, scratch.file.parent.joinpath(WORKING, *PARSE))


def _newest_month(connection: duckdb.DuckDBPyConnection) -> Coverage | None:
    owned = ", ".join(
        f"coalesce(sum(billed_cost) FILTER ({dimension} <> '__unallocated__'), 0)"
        for dimension in OWNERS
    )
    row = connection.execute(
        f"SELECT billing_month, sum(billed_cost), {owned} FROM main.{FACTS}"
        " GROUP BY billing_month HAVING sum(abs(billed_cost)) > 0"
        " ORDER BY billing_month DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    month, billed, *amounts = row
    owners = dict(zip(OWNERS, amounts, strict=True))
    return Coverage(month, billed, owners, keyless_usage(connection))
