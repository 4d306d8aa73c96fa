"""From the warehouse to readers: published marts, exports, and the verdict on the run."""

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import dagster as dg
import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import (
    EXPORTS,
    HISTORY,
    MARTS,
    MONTH,
    OWNERS,
    PUBLISHED,
    RUN,
    VERDICT,
)
from orchestration.checks.billing_currencies import left_out
from orchestration.checks.month_status import INCOMPLETE, NOT_TIED, parse_month
from orchestration.checks.verdict import problems
from orchestration.checks.whole_invoices import without_other_services
from orchestration.closing.left import export_closed_months, export_month_again
from orchestration.closing.old_months import archive_of
from orchestration.dbt.invocation import build_folder
from orchestration.dbt.published_models import published_models
from orchestration.exports.limits.written import write_limits
from orchestration.exports.months import (
    Exported,
    export_open_months,
    remove_vanished_months,
)
from orchestration.exports.site.index import write_index
from orchestration.notifying.found import VERDICT as LOOK
from orchestration.notifying.found import of_verdict
from orchestration.notifying.notify import notify
from orchestration.publishing.as_published import is_as_published, note_published
from orchestration.publishing.marts import open_marts
from orchestration.publishing.measures import measures, seconds_since
from orchestration.publishing.origin import landed_accounts, origin_of
from orchestration.publishing.publish import PublishError, publish
from orchestration.running.last_run import note_last_run
from orchestration.running.memory import duckdb_config, memory_metadata
from orchestration.running.progress import say

LOCKED: Final = {"run_lock"}
# Bills of years before logs are exported too; the current month is open, so it counts.
MONTHS: Final = dg.MonthlyPartitionsDefinition("2020-01", fmt="%Y-%m", end_offset=1)


def marts_asset(
    workspace: Workspace, manifest: Mapping[str, Any], before: list[dg.AssetKey]
) -> dg.AssetsDefinition:
    @dg.asset(
        key=MARTS,
        deps=before,
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"duckdb", "parquet"},
        description=f"Always safe to query read-only: {workspace.marts}",
        required_resource_keys=LOCKED,
    )
    def marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        began = time.monotonic()
        compiled = build_folder(workspace) / "compiled"
        with duckdb.connect(
            workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
        ) as connection:
            out = left_out(connection, workspace)
            alone = without_other_services(connection)
            accounts = landed_accounts(connection)
        try:
            done = publish(
                workspace.warehouse,
                workspace.marts,
                published_models(manifest, compiled),
                origin_of(workspace, out.bills, [*out.invoices, *alone], accounts),
                duckdb_config(workspace),
                archive_of(workspace),
                partial(is_as_published, workspace),
            )
        except PublishError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        note_published(workspace)
        say(
            context.log,
            f"published {workspace.marts.name}: {done.tables} tables, {done.views} views,"
            f" {done.days_written} days of requests rebuilt"
            + (f", {done.days_archived} in {workspace.archive}" if done.days_archived else ""),
        )
        with open_marts(workspace.marts) as connection:
            measured = measures(connection, workspace.currency)
        return dg.MaterializeResult(
            metadata={
                **measured,
                "tables": done.tables,
                "views": done.views,
                "days written": done.days_written,
                "seconds": seconds_since(began),
                **memory_metadata(),
            }
        )

    return marts


def exports_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=EXPORTS,
        deps=[MARTS],
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"csv", "html"},
        description=f"Files and pages of every open month: {workspace.exports}",
        required_resource_keys=LOCKED,
    )
    def open_months(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        began = time.monotonic()
        exported = export_open_months(workspace, partial(is_as_published, workspace))
        exported += export_closed_months(workspace)
        for month in exported:
            say(context.log, _sentence(month))
        for folder in remove_vanished_months(workspace):
            say(context.log, f"removed {folder}: the marts no longer have this open month")
        if limits := write_limits(workspace):
            say(context.log, f"limits: {limits}")
        say(context.log, f"pages: open {write_index(workspace)}")
        return dg.MaterializeResult(
            metadata={
                **{month.month: month.status for month in exported},
                "months": len(exported),
                "months written": sum(not month.stands for month in exported),
                "months refused": sum(bool(month.refused) for month in exported),
                "seconds": seconds_since(began),
            }
        )

    return open_months


def month_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=MONTH,
        deps=[MARTS],
        partitions_def=MONTHS,
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"csv"},
        description="One month's files, written again byte for byte the same",
        required_resource_keys=LOCKED,
    )
    def month(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        exported = export_month_again(workspace, parse_month(context.partition_key))
        say(context.log, _sentence(exported))
        if exported.refused:
            raise dg.Failure(f"chargeback.csv refused: {exported.refused}", allow_retries=False)
        return dg.MaterializeResult(metadata={"status": exported.status})

    return month


def _sentence(exported: Exported) -> str:
    refused = ", chargeback.csv refused" if exported.refused else ""
    refused += " and the earlier one withdrawn" if exported.withdrawn else ""
    # the verdict says what such a month waits for
    told_later = not exported.refused or exported.status in (NOT_TIED, INCOMPLETE)
    why = "" if told_later else f": {exported.refused}"
    done = f"{exported.month} ({exported.status}{refused}): {exported.folder}{why}"
    return f"{'left' if exported.stands else 'exported'} {done}"


def verdict_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=VERDICT,
        deps=[MARTS, HISTORY, EXPORTS],
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"python"},
        description="Fails when a source could not be read, or a month does not tie or is on lost"
        " logs, though marts were published",
        required_resource_keys=LOCKED,
    )
    def verdict(context: dg.AssetExecutionContext) -> None:
        found = problems(workspace)
        for sentence in notify(workspace, of_verdict(workspace, found), whole_look=LOOK):
            say(context.log, sentence, logging.WARNING)
        if _is_whole(context.run):
            note_last_run(workspace)
        if found:
            raise dg.Failure(
                "\n".join(found), metadata={"problems": len(found)}, allow_retries=False
            )

    return verdict


def _is_whole(run: dg.DagsterRun) -> bool:
    """Not some of its assets, nor the steps after one that failed: they saw no source."""
    part = run.asset_selection or run.resolved_op_selection or run.parent_run_id
    return run.job_name == RUN and not part
