"""When jobs run: on new objects, every night, and once a month for the month before."""

import hashlib
import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg

from ingestion.known_errors import KnownError
from ingestion.records import SourceError
from ingestion.workspace.locations import S3_SCHEME
from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import ACCRUED_MONTH, CLOSED_MONTH, MONTH, RUN, VERDICT
from orchestration.notifying.found import of_failed_step
from orchestration.notifying.notify import notify, tell_what_waits
from orchestration.running.last_run import news, unchanged
from orchestration.running.listings import fingerprint, recent_fingerprint
from orchestration.running.lock import describe_holder, is_held, last_holder
from orchestration.running.progress import say
from orchestration.running.source_states import (
    REFERENCE_STATE,
    SourceState,
    read_states,
    sources_of,
    stored_state,
)
from orchestration.running.working_folder import lock_file, sample_workspace

EXPORT: Final = "export"
CLOSE: Final = "close"
ACCRUE: Final = "accrue"
# Providers finish a UTC day's cost within hours; by the 3rd most have closed the month's bill.
NIGHTLY: Final = "0 4 * * *"
MONTHLY: Final = "0 6 3 * *"


def jobs(workspace: Workspace) -> list[Any]:
    """`run` is everything; `export` writes one month's files again, `accrue` soft-closes one,
    `close` closes it.

    Dagster names no type of them.
    """
    month = dg.AssetSelection.assets(MONTH)
    accrued, closed = (dg.AssetSelection.assets(key) for key in (ACCRUED_MONTH, CLOSED_MONTH))
    return [
        dg.define_asset_job(
            RUN,
            selection=dg.AssetSelection.all() - month - accrued - closed,
            hooks={_failed_step_hook(workspace)} if workspace.notifications else None,
            description="Reads what is new, rebuilds what it touches, checks, publishes, exports.",
        ),
        dg.define_asset_job(
            EXPORT,
            selection=month,
            description="Writes the files of one month again.",
        ),
        dg.define_asset_job(
            ACCRUE,
            selection=accrued,
            description="Soft-closes one month: what it is estimated to cost is accrued, once.",
        ),
        dg.define_asset_job(
            CLOSE,
            selection=closed,
            description="Closes one month: its ledger is written once and stays.",
        ),
    ]


def _failed_step_hook(workspace: Workspace) -> dg.HookDefinition:
    """A verdict tells what it found itself; after another step that failed none comes."""

    @dg.failure_hook(name="tell_failed_step", required_resource_keys={"run_lock"})
    def tell(context: dg.HookContext) -> None:
        error, step = context.op_exception, context.step_key
        if step == VERDICT.to_python_identifier() or not isinstance(error, Exception):
            # an interrupt is nobody's news
            return
        if isinstance(error, dg.Failure | KnownError):
            text = error.description if isinstance(error, dg.Failure) else str(error)
            problems = (text or step).splitlines()
        else:
            problems = [f"{step}: {type(error).__name__}: the run's log says why"]
        for sentence in notify(workspace, [of_failed_step(step, problems)]):
            say(context.log, sentence, logging.WARNING)

    return tell


def schedules(workspace: Workspace) -> list[dg.ScheduleDefinition]:
    @dg.schedule(
        name="nightly",
        job_name=RUN,
        cron_schedule=NIGHTLY,
        execution_timezone=workspace.timezone,
        default_status=_schedule_status(workspace),
        description="Every night at 4: reads what is new, rebuilds, checks, publishes, exports;"
        " skips where nothing is new since the last run.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        new = news(workspace)
        if not new:
            return dg.SkipReason("; ".join([unchanged(workspace), *tell_what_waits(workspace)]))
        context.log.info(f"new or changed: {', '.join(new)}")
        return dg.RunRequest()

    @dg.schedule(
        name="monthly",
        job_name=EXPORT,
        cron_schedule=MONTHLY,
        execution_timezone=workspace.timezone,
        default_status=_schedule_status(workspace),
        description="On the 3rd at 6: writes the files of the month before again, by when most"
        " providers have closed its bill.",
    )
    def monthly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        key = f"{month_before(context.scheduled_execution_time):%Y-%m}"
        return dg.RunRequest(run_key=key, partition_key=key)

    return [nightly, monthly]


def month_before(when: date) -> date:
    """The first day of the month before the one of `when`."""
    return (when.replace(day=1) - timedelta(days=1)).replace(day=1)


def _is_sample(workspace: Workspace) -> bool:
    """Who looks at the sample in `make ui` starts what they want to see."""
    return workspace.file.parent == sample_workspace()


def _schedule_status(workspace: Workspace) -> dg.DefaultScheduleStatus:
    running, stopped = dg.DefaultScheduleStatus.RUNNING, dg.DefaultScheduleStatus.STOPPED
    return stopped if _is_sample(workspace) else running


def new_objects_sensor(workspace: Workspace) -> dg.SensorDefinition:
    @dg.sensor(
        name="new_objects",
        job_name=RUN,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED
        if _is_sample(workspace)
        else dg.DefaultSensorStatus.RUNNING,
        description="Lists every source and the reference data each minute, and starts a run where"
        " an object came, went or changed since the last one. Of buckets it lists the newest keys"
        " and, once a day, all.",
    )
    def new_objects(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        lock = lock_file(workspace.warehouse)
        if is_held(lock):
            # it writes down what it sees as it goes
            return dg.SkipReason(f"{describe_holder(lock)} is running")
        last = last_holder(lock)
        today = datetime.now(UTC).date().isoformat()
        facts, changed = _listings(workspace, whole=context.cursor != today)
        context.update_cursor(today)
        if not changed:
            return dg.SkipReason("every object that is listed was seen by the last run")
        context.log.info(f"new or changed objects: {', '.join(changed)}")
        # Dagster never repeats a key. The same listing is news again after another run: one
        # that saw something else, or that was killed before it wrote down what it saw.
        digest = hashlib.sha256("\n".join([last, *facts]).encode()).hexdigest()
        return dg.RunRequest(run_key=digest)

    return new_objects


def _listings(workspace: Workspace, *, whole: bool) -> tuple[list[str], list[str]]:
    """Of each source what is listed and what the last run saw; the names where they differ.

    A key of a bucket that comes late, and sorts before those of the last days, is only in whole
    listings: those of the first look of a day, of the nightly schedule and of every run.
    """
    states = read_states(workspace)
    locations = {source.name: source.location for source in sources_of(workspace)}
    states[REFERENCE_STATE] = stored_state(workspace, REFERENCE_STATE)
    locations[REFERENCE_STATE] = workspace.reference
    facts: list[str] = []
    changed: list[str] = []
    for name, location in sorted(locations.items()):
        try:
            found, seen = _look(workspace, location, states[name], whole=whole)
        except SourceError as error:
            found, seen = f"unreadable: {error}", states[name].seen
        facts.append(f"{name} {found} {seen}")
        # one that cannot be listed is told by the nightly run, not every minute
        if found != seen and not found.startswith("unreadable"):
            changed.append(name.lstrip("_"))
    return facts, changed


def _look(
    workspace: Workspace, location: str, state: SourceState, *, whole: bool
) -> tuple[str, str]:
    """What is listed now and what the last run saw of the same: all, or a bucket's newest keys."""
    if whole or not state.recent or not location.startswith(S3_SCHEME):
        return fingerprint(workspace, location), state.seen
    return recent_fingerprint(location, state.after), state.recent
