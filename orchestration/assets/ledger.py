"""Closed months and accruals: books of each, written once."""

import logging

import dagster as dg

from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import ACCRUED_MONTH, CLOSED_MONTH, MARTS, OWNERS, PUBLISHED
from orchestration.assets.marts import LOCKED, MONTHS
from orchestration.checks.month_status import parse_month
from orchestration.closing.accrue import accrue_month
from orchestration.closing.close import close_month
from orchestration.ledger.books import LedgerError
from orchestration.notifying.found import of_close
from orchestration.notifying.notify import notify
from orchestration.running.progress import say


def closed_month_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=CLOSED_MONTH,
        deps=[MARTS],
        partitions_def=MONTHS,
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"parquet"},
        description="A month as it was closed, immutable, with the hashes of all that it was built"
        f" from: {workspace.ledger}",
        required_resource_keys=LOCKED,
    )
    def closed_month(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        month = parse_month(context.partition_key)
        try:
            closed = close_month(workspace, month)
        except LedgerError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if closed.anew:
            for sentence in notify(workspace, of_close(workspace, month)):
                say(context.log, sentence, logging.WARNING)
        done = "closed" if closed.anew else "was closed before and stays"
        say(context.log, f"{month:%Y-%m} {done}: {closed.folder}")
        return dg.MaterializeResult(metadata={"closed now": closed.anew})

    return closed_month


def accrued_month_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=ACCRUED_MONTH,
        deps=[MARTS],
        partitions_def=MONTHS,
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"parquet"},
        description="The accrual of a month whose invoices are not all there, immutable:"
        f" {workspace.ledger}/accrued",
        required_resource_keys=LOCKED,
    )
    def accrued_month(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        try:
            accrued = accrue_month(workspace, parse_month(context.partition_key))
        except LedgerError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        say(context.log, accrued.told())
        return dg.MaterializeResult(metadata={"accrued now": accrued.anew})

    return accrued_month
