"""Executes one of the Dagster jobs in this process."""

import gc
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import dagster as dg
from dagster._utils.error import SerializableErrorInfo

from ingestion.workspace.settings import Workspace
from orchestration.definitions import workspace_definitions

QUIET: Final = ("dagster", "alembic", "sqlalchemy")
# Python looks for cycles of garbage at every 700 objects more: a tenth of a small run, for dbt and
# Dagster make millions that live to its end.
OBJECTS_PER_COLLECTION: Final = 100_000
INTERRUPTS: Final = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
# Errors whose message is a sentence for the user.
SAY_ALL: Final = ("WorkspaceError", "SourceError", "ReferenceError")


def execute_job(
    workspace: Workspace,
    job: str,
    *,
    verbose: bool = False,
    partition_key: str | None = None,
    definitions: Callable[[Workspace], dg.Definitions] = workspace_definitions,
    recorded: bool = True,
) -> list[str]:
    """Runs a job to its end; what went wrong, one sentence each."""
    with _quiet(verbose), _rare_collections(), _instance(recorded) as instance:
        definition = definitions(workspace).resolve_job_def(job)
        loggers: dict[str, Any] = {} if verbose else {"loggers": {"console": {}}}
        result = definition.execute_in_process(
            run_config=loggers,
            instance=instance,
            partition_key=partition_key,
            raise_on_error=False,
        )
    if result.success:
        return []
    if _was_interrupted(result):
        raise KeyboardInterrupt
    return _problems(result) or [f"job {job} failed: run it with --verbose to see why"]


@contextmanager
def _instance(recorded: bool) -> Iterator[dg.DagsterInstance]:
    """The instance of DAGSTER_HOME, so that the run is seen in its UI, else a passing one."""
    if recorded and os.environ.get("DAGSTER_HOME"):
        with dg.DagsterInstance.get() as instance:
            yield instance
    else:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance


@contextmanager
def _rare_collections() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_PER_COLLECTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _quiet(verbose: bool) -> Iterator[None]:
    if verbose:
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.ERROR)
        yield


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Dagster keeps the interrupt to itself, as a failure of the step or of the run."""
    if result.filter_events(lambda event: event.event_type == dg.DagsterEventType.RUN_CANCELED):
        return True
    failed = result.filter_events(lambda event: event.is_step_failure)
    return any(_is_interrupt(event.step_failure_data.error) for event in failed)


def _is_interrupt(error: SerializableErrorInfo | None) -> bool:
    while error is not None:
        if error.cls_name in INTERRUPTS:
            return True
        error = error.cause
    return False


def _problems(result: dg.ExecuteInProcessResult) -> list[str]:
    problems: list[str] = []
    for event in result.filter_events(lambda event: event.is_step_failure):
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            problems += data.user_failure_data.description.splitlines()
        elif data.error:
            problems.append(f"{event.step_key}: {_sentence(data.error)}")
    if not problems:
        # before the first step: the lock, or the definitions
        for event in result.filter_events(lambda event: event.is_run_failure):
            if event.job_failure_data.error:
                problems.append(_sentence(event.job_failure_data.error))
    return problems


def _sentence(error: SerializableErrorInfo) -> str:
    """The first error of the chain that is a sentence for the user, else the one at its bottom."""
    while True:
        text = " ".join(error.message.split())
        name, _, message = text.partition(": ")
        if name.rpartition(".")[2] in SAY_ALL:
            return message
        if error.cause is None:
            return text
        error = error.cause
