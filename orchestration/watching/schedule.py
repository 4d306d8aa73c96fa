"""The watch as Dagster runs it: every five minutes, once somebody turns it on."""

import logging
from typing import Any, Final

import dagster as dg

from ingestion.workspace.settings import Workspace
from orchestration.running.lock import describe_holder, is_held
from orchestration.running.progress import say
from orchestration.running.working_folder import lock_file
from orchestration.watching.watch import new_objects, watch

WATCH: Final = "watch"
EVERY_FIVE_MINUTES: Final = "*/5 * * * *"


def watch_job(workspace: Workspace) -> Any:
    @dg.op(name="look", description="Lands what is new and compares its hours with their limits.")
    def look(context: dg.OpExecutionContext) -> None:
        over = watch(workspace, lambda text: say(context.log, text, logging.INFO))
        context.add_output_metadata({"out of line": len(over)})

    @dg.job(
        name=WATCH,
        description="Between runs: what of new objects is out of line. Publishes nothing.",
    )
    def watching() -> None:
        look()

    return watching


def watch_schedule(workspace: Workspace) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=WATCH,
        job_name=WATCH,
        cron_schedule=EVERY_FIVE_MINUTES,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Every five minutes, where an object came or changed: what is out of line"
        " (docs/signals.md). Off until you turn it on.",
    )
    def five_minutes(
        context: dg.ScheduleEvaluationContext,
    ) -> dg.RunRequest | dg.SkipReason:
        lock = lock_file(workspace.warehouse)
        if is_held(lock):
            return dg.SkipReason(f"{describe_holder(lock)} is running: it looks itself")
        if not workspace.marts.exists():
            return dg.SkipReason("no marts are published yet: a run comes first")
        new = new_objects(workspace)
        if not new:
            return dg.SkipReason("no object came or changed since the last look")
        context.log.info(f"new or changed objects: {', '.join(new)}")
        return dg.RunRequest()

    return five_minutes
