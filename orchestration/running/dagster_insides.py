"""All of Dagster that it does not promise to keep: what its events say, and its log records.

tests/orchestration/test_insides.py fails when an upgrade changes any of it.
"""

import logging
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import dagster as dg
from dagster._core import telemetry
from dagster._core.definitions.scoped_resources_builder import ScopedResourcesBuilder
from dagster._core.execution.context.system import StepExecutionContext
from dagster._core.instance.types import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage

from orchestration.running.unrecorded import event_store, run_store

INTERRUPTS: Final = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


@dataclass(frozen=True, slots=True)
class StepFailure:
    """`description` is what a `dagster.Failure` says; `errors` the chain, outermost first."""

    step: str
    description: str
    errors: tuple["RaisedError", ...]


@dataclass(frozen=True, slots=True)
class RaisedError:
    name: str
    message: str


@contextmanager
def passing_instance() -> Iterator[dg.DagsterInstance]:
    """`DagsterInstance.ephemeral()` that records nothing."""
    # Dagster tells its makers of no run of such an instance, but imports its databases to see that
    nothing = telemetry.TelemetrySettings(
        dagster_telemetry_enabled=False, instance_id=None, run_storage_id=None
    )
    unheard = patch.object(telemetry, "_get_instance_telemetry_info", lambda _: nothing)
    with (
        unheard,
        dg.DagsterInstance(
            instance_type=InstanceType.EPHEMERAL,
            local_artifact_storage=TemporaryLocalArtifactStorage(),
            run_storage=run_store(),
            event_storage=event_store(),
            compute_log_manager=NoOpComputeLogManager(),
            run_coordinator=DefaultRunCoordinator(),
            run_launcher=SyncInMemoryRunLauncher(),
        ) as instance,
    ):
        yield instance


@contextmanager
def outputs_looked_up_once() -> Iterator[None]:
    """A step's assets are the same from its begin to its end.

    Dagster makes the set of them anew for each one that the build of all models yields, and for
    each of the set another one: n³.
    """
    look_up = StepExecutionContext.get_output_asset_keys

    def looked_up(context: StepExecutionContext) -> Any:
        known = vars(context)
        if "output_asset_keys" not in known:
            known["output_asset_keys"] = look_up(context)
        return known["output_asset_keys"]

    with patch.object(StepExecutionContext, "get_output_asset_keys", looked_up):
        yield


@contextmanager
def resources_built_once() -> Iterator[None]:
    """Dagster makes a class of the resources that one may use, for each output whose type it looks
    at: of none, hundreds of times.
    """
    build = ScopedResourcesBuilder.build

    def built(builder: ScopedResourcesBuilder, keys: AbstractSet[str] | None) -> Any:
        known = vars(builder).setdefault("built", {})
        wanted = frozenset(keys or ())
        if wanted not in known:
            known[wanted] = build(builder, wanted)
        return known[wanted]

    with patch.object(ScopedResourcesBuilder, "build", built):
        yield


def step_failures(result: dg.ExecuteInProcessResult) -> list[StepFailure]:
    """Of the steps that failed, in order."""
    found = []
    for event in result.filter_events(lambda event: event.is_step_failure):
        data = event.step_failure_data
        user = data.user_failure_data
        description = (user.description or "") if user else ""
        found.append(StepFailure(event.step_key or "", description, tuple(_chain(data.error))))
    return found


def run_failures(result: dg.ExecuteInProcessResult) -> list[tuple[RaisedError, ...]]:
    """Of a run that failed outside its steps: in the lock, or in the definitions."""
    events = result.filter_events(lambda event: event.is_run_failure)
    chains = [tuple(_chain(event.job_failure_data.error)) for event in events]
    return [chain for chain in chains if chain]


def was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Dagster keeps the interrupt to itself, as a failure of the step or of the run."""
    if result.filter_events(lambda event: event.event_type == dg.DagsterEventType.RUN_CANCELED):
        return True
    return any(
        error.name in INTERRUPTS for failure in step_failures(result) for error in failure.errors
    )


def _chain(error: Any) -> Iterator[RaisedError]:
    while error is not None:
        yield RaisedError(error.cls_name or "", error.message)
        error = error.cause


def materialized(result: dg.ExecuteInProcessResult) -> frozenset[dg.AssetKey]:
    """The assets that the run says it made."""
    events = result.filter_events(lambda event: event.is_step_materialization)
    return frozenset(event.asset_key for event in events if event.asset_key is not None)


def step_count(job: dg.JobDefinition) -> int:
    """How many steps a run of the whole job has."""
    return len(job.nodes)


def said_text(record: logging.LogRecord) -> str:
    """A message as it was given to the log, without Dagster's run id and step before it."""
    return str(getattr(record, "dagster_meta", {}).get("orig_message", record.getMessage()))


def step_told(record: logging.LogRecord) -> tuple[str, bool] | None:
    """The step that a log record tells the begin (True) or end (False) of, if it does."""
    event = getattr(record, "dagster_meta", {}).get("dagster_event")
    if event is None or event.step_key is None:
        return None
    if event.event_type == dg.DagsterEventType.STEP_START:
        return event.step_key, True
    if event.is_step_success or event.is_step_failure:
        return event.step_key, False
    return None
