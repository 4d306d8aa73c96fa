"""Executes one of the Dagster jobs in this process."""

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import dagster as dg

from ingestion.process_setup import OBJECTS_OF_A_RUN, collect_rarely
from ingestion.workspace.settings import Workspace
from orchestration.definitions import workspace_definitions
from orchestration.running.dagster_insides import (
    RaisedError,
    materialized,
    outputs_looked_up_once,
    passing_instance,
    resources_built_once,
    run_failures,
    step_count,
    step_failures,
    was_interrupted,
)
from orchestration.running.display import Display, Steps, open_display
from orchestration.running.progress import shown

QUIET: Final = ("dagster", "alembic", "sqlalchemy")
# What partitions of a month's jobs are: asset `exports/month`.
MONTHS_ARE: Final = "the first is 2020-01, the last the one of today"
# Errors whose message is a sentence for the user.
SAY_ALL: Final = ("WorkspaceError", "SourceError", "MissingObject", "ReferenceError")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run reports: what went wrong, one sentence each, the assets that it made, and the
    seconds of each step in order.
    """

    problems: list[str]
    made: frozenset[dg.AssetKey]
    seconds: Mapping[str, float] = field(default_factory=dict)


def execute_job(
    workspace: Workspace,
    job: str,
    *,
    verbose: bool = False,
    partition_key: str | None = None,
    definitions: Callable[[Workspace], dg.Definitions] = workspace_definitions,
    recorded: bool = True,
    display: Callable[[], AbstractContextManager[Display]] = open_display,
) -> Outcome:
    """Runs a job to its end."""
    collect_rarely(OBJECTS_OF_A_RUN)
    with _quiet(verbose), _instance(recorded) as instance:
        definition = definitions(workspace).resolve_job_def(job)
        loggers: dict[str, Any] = {} if verbose else {"loggers": {"console": {}}}
        with display() as shown_by:
            steps = Steps(step_count(definition), shown_by)
            with shown(steps), outputs_looked_up_once(), resources_built_once():
                try:
                    result = definition.execute_in_process(
                        run_config=loggers,
                        instance=instance,
                        partition_key=partition_key,
                        raise_on_error=False,
                    )
                except dg.DagsterUnknownPartitionError:
                    return Outcome([f"{partition_key}: no such month: {MONTHS_ARE}"], frozenset())
    if result.success:
        return Outcome([], materialized(result), steps.seconds)
    if was_interrupted(result):
        raise KeyboardInterrupt
    problems = _problems(result) or [f"job {job} failed: run it with --verbose to see why"]
    return Outcome(problems, materialized(result), steps.seconds)


@contextmanager
def _instance(recorded: bool) -> Iterator[dg.DagsterInstance]:
    """The instance of DAGSTER_HOME, so that its UI shows the run, else one that stores none."""
    if recorded and os.environ.get("DAGSTER_HOME"):
        with dg.DagsterInstance.get() as instance:
            yield instance
    else:
        with passing_instance() as instance:
            yield instance


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


def _problems(result: dg.ExecuteInProcessResult) -> list[str]:
    problems: list[str] = []
    for failure in step_failures(result):
        if failure.description:
            problems += failure.description.splitlines()
        elif failure.errors:
            problems.append(f"{failure.step}: {_sentence(failure.errors)}")
    # before the first step: the lock, or the definitions
    return problems or [_sentence(errors) for errors in run_failures(result)]


def _sentence(errors: Sequence[RaisedError]) -> str:
    """The first error of the chain that is a sentence for the user, else the one at its bottom."""
    text = ""
    for error in errors:
        text = " ".join(error.message.split())
        name, _, message = text.partition(": ")
        if name.rpartition(".")[2] in SAY_ALL:
            return message
    return text
