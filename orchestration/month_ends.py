"""When months are closed by themselves: once somebody turns these schedules on."""

from datetime import date
from typing import Final

import dagster as dg

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import ESTIMATED, month_statuses
from orchestration.jobs import ACCRUE, CLOSE, month_before
from orchestration.ledger.books import open_accruals, open_ledger
from orchestration.publishing.marts import open_marts

# After the nightly run, which has built what is closed.
HOUR: Final = 7


def closing_schedules(workspace: Workspace) -> list[dg.ScheduleDefinition]:
    """By the rules of `tollbook close`; what it refuses is a run that failed with that sentence."""
    days = workspace.closing

    @dg.schedule(
        name="soft_close",
        job_name=ACCRUE,
        cron_schedule=f"0 {HOUR} {days.accrue_on} * *",
        execution_timezone=workspace.timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="On the day `accrue_on` of `closing`: accrues the month before where it is"
        " still an estimate. Off until you turn it on.",
    )
    def soft_close(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        month = month_before(context.scheduled_execution_time.date())
        if why := _not_accrued(workspace, month):
            return dg.SkipReason(why)
        return dg.RunRequest(partition_key=f"{month:%Y-%m}")

    @dg.schedule(
        name="close",
        job_name=CLOSE,
        cron_schedule=f"0 {HOUR} {days.close_on} * *",
        execution_timezone=workspace.timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="On the day `close_on` of `closing`: closes the month before, or the first one"
        " before it that waits to be closed. Off until you turn it on.",
    )
    def close(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        before = month_before(context.scheduled_execution_time.date())
        month = _first_open(workspace, before)
        if month is None:
            return dg.SkipReason(f"{before:%Y-%m} is closed, or the marts have no such month")
        return dg.RunRequest(partition_key=f"{month:%Y-%m}")

    return [soft_close, close]


def _statuses(workspace: Workspace) -> dict[date, str]:
    if not workspace.marts.exists():
        return {}
    with open_marts(workspace.marts) as connection:
        return month_statuses(connection)


def _not_accrued(workspace: Workspace, month: date) -> str:
    """Why nothing is to be accrued; empty where the job shall do it, or say what is in its way."""
    if open_ledger(workspace).month(month) or open_accruals(workspace).month(month):
        return f"{month:%Y-%m} is closed or accrued already"
    status = _statuses(workspace).get(month)
    if status == ESTIMATED:
        return ""
    return f"{month:%Y-%m} is {status}" if status else f"the marts have no {month:%Y-%m}"


def _first_open(workspace: Workspace, before: date) -> date | None:
    """Months close in their order: the first after the last closed one, until `before`; where none
    is closed yet the first that is accrued, else `before`.
    """
    closed = [each.month for each in open_ledger(workspace).months()]
    accrued = {each.month for each in open_accruals(workspace).months()}
    waiting = [
        month
        for month in _statuses(workspace)
        if month <= before
        and (month > max(closed) if closed else month == before or month in accrued)
    ]
    return min(waiting, default=None)
