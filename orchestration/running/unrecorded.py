"""What Dagster stores of a run that nobody looks up afterwards: the run itself, while it runs.

Its own stores in memory are databases: SQLAlchemy and Alembic are a thirtieth of a small run, and
so are tables that are made to be dropped.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from dagster._core.events import EVENT_TYPE_TO_PIPELINE_RUN_STATUS
from dagster._core.snap import ExecutionPlanSnapshot, JobSnap, create_execution_plan_snapshot_id
from dagster._core.storage.dagster_run import DagsterRun, RunRecord, RunsFilter
from dagster._core.storage.event_log.base import EventLogStorage
from dagster._core.storage.runs.base import RunStorage


def _unasked(name: str) -> Any:
    def ask(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"{name} of a run that is not recorded")

    return ask


def _nothing_else(store: type) -> type:
    """With all else that Dagster asks of a store, to say that this one has none of it."""
    missing: Sequence[str] = sorted(getattr(store, "__abstractmethods__", ()))
    answers = {name: _unasked(name) for name in missing}
    return type(store.__name__, (store,), answers)


class _OneRun(RunStorage):
    def __init__(self) -> None:
        self._runs: dict[str, DagsterRun] = {}
        self._jobs: dict[str, JobSnap] = {}
        self._plans: dict[str, ExecutionPlanSnapshot] = {}

    def add_run(self, dagster_run: DagsterRun) -> DagsterRun:
        self._runs[dagster_run.run_id] = dagster_run
        return dagster_run

    def has_run(self, run_id: str) -> bool:
        return run_id in self._runs

    def handle_run_event(
        self, run_id: str, event: dg.DagsterEvent, update_timestamp: datetime | None = None
    ) -> None:
        status = EVENT_TYPE_TO_PIPELINE_RUN_STATUS.get(event.event_type)
        if status is not None and run_id in self._runs:
            self._runs[run_id] = self._runs[run_id].with_status(status)

    def get_run_records(
        self, filters: RunsFilter | None = None, *_: Any, **__: Any
    ) -> Sequence[RunRecord]:
        """Of the runs that are named; of none, where it is asked for runs in another way."""
        named = (filters and filters.run_ids) or ()
        now = datetime.now().astimezone()
        return [
            RunRecord(0, self._runs[run_id], now, now) for run_id in named if run_id in self._runs
        ]

    def has_job_snapshot(self, job_snapshot_id: str) -> bool:
        return job_snapshot_id in self._jobs

    def add_job_snapshot(self, job_snapshot: JobSnap) -> str:
        self._jobs[job_snapshot.snapshot_id] = job_snapshot
        return str(job_snapshot.snapshot_id)

    def get_job_snapshot(self, job_snapshot_id: str) -> JobSnap:
        return self._jobs[job_snapshot_id]

    def has_execution_plan_snapshot(self, execution_plan_snapshot_id: str) -> bool:
        return execution_plan_snapshot_id in self._plans

    def add_execution_plan_snapshot(self, execution_plan_snapshot: ExecutionPlanSnapshot) -> str:
        key = str(create_execution_plan_snapshot_id(execution_plan_snapshot))
        self._plans[key] = execution_plan_snapshot
        return key

    def get_execution_plan_snapshot(self, execution_plan_snapshot_id: str) -> ExecutionPlanSnapshot:
        return self._plans[execution_plan_snapshot_id]

    def dispose(self) -> None: ...


class _NoEvents(EventLogStorage):
    """The result of a run has its events. To write some 500 of them, and to look up the inputs of
    each asset among them, was a seventh of a small run.
    """

    def store_event(self, event: Any) -> None: ...

    def get_logs_for_run(self, *_: Any, **__: Any) -> list[Any]:
        return []

    def get_asset_records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> list[Any]:
        return []

    @property
    def asset_records_have_last_observation(self) -> bool:
        # else every record that is missing is looked for once more
        return True

    def dispose(self) -> None: ...


def run_store() -> RunStorage:
    store: RunStorage = _nothing_else(_OneRun)()
    return store


def event_store() -> EventLogStorage:
    store: EventLogStorage = _nothing_else(_NoEvents)()
    return store
